import type { Reference, Table } from '../../core/table.ts'

/** A table that is written among others, as the target has it. */
export interface Node {
  readonly name: string
  /** Absent where it does not exist yet: then nothing refers to it. */
  readonly target: Table | undefined
}

/** A foreign key between two tables of a family, which may be one and the same. */
export interface Edge {
  readonly child: string
  readonly parent: string
  readonly reference: Reference
}

export interface WriteOrder {
  /** Each table after those that it refers to, as far as there are no circles. */
  readonly tables: readonly string[]
  /** Foreign keys that are left open until all rows are there: without them the others go round in no circle. */
  readonly opened: readonly Opened[]
}

export interface Opened extends Edge {
  /** The tables that go round by it, the first one at the end, too. */
  readonly circle: readonly string[]
}

/** The foreign keys among tables: a child's are the parent's `referencedBy`, by their names. */
export function edgesOf(nodes: readonly Node[]): readonly Edge[] {
  return nodes.flatMap(({ name: child, target }) =>
    (target?.references ?? []).flatMap((reference) => {
      const parent = reference.self ? child : nodes.find((node) => node.target?.dependents?.referencedBy.includes(reference.name))?.name
      return parent === undefined ? [] : [{ child, parent, reference }]
    }),
  )
}

/**
 * The order in which rows can be inserted; deletes go the other way round. Foreign keys that the system judges at the commit
 * are followed where that leads round in no circle. Of the others one in each circle is opened, if one of its columns may be
 * NULL.
 */
export function orderTables(nodes: readonly Node[], edges: readonly Edge[]): WriteOrder {
  const opened: Opened[] = []
  let followed = edges.filter(({ child, parent }) => child !== parent)
  const waiting = new Set(nodes.map(({ name }) => name))
  const tables: string[] = []
  while (waiting.size > 0) {
    const next = nodes.find(({ name }) => waiting.has(name) && !followed.some(({ child, parent }) => child === name && waiting.has(parent)))
    if (next) {
      tables.push(next.name)
      waiting.delete(next.name)
      continue
    }
    const among = followed.filter(({ child, parent }) => waiting.has(child) && waiting.has(parent))
    const edge = weakest(
      among.filter(({ child, parent }) => wayTo(among, parent, child) !== undefined),
      nodes,
    )
    if (!edge) throw new Error('tables wait for each other without a circle')
    followed = followed.filter((one) => one !== edge)
    if (edge.reference.judged === 'commit') continue
    opened.push({ ...edge, circle: [edge.child, ...(wayTo(among, edge.parent, edge.child) ?? [])] })
  }
  return { tables, opened }
}

/** Columns of a foreign key that can be NULL for a while: then it refers to nothing. */
export function openColumns(child: Table | undefined, { columns }: Reference): readonly string[] {
  return columns.filter((name) => {
    const column = child?.columns.find((one) => one.name === name)
    return column?.nullable === true && column.generated !== true && !child?.key.includes(name)
  })
}

/** That which costs least to open: nothing where it is judged at the commit, impossible where no column may be NULL. */
function weakest(edges: readonly Edge[], nodes: readonly Node[]): Edge | undefined {
  const cost = ({ child, reference }: Edge) => {
    if (reference.judged === 'commit') return 0
    const table = nodes.find(({ name }) => name === child)?.target
    return openColumns(table, reference).length > 0 ? 1 : 2
  }
  return [...edges].sort((a, b) => cost(a) - cost(b))[0]
}

/** The tables from one to another along foreign keys, both among them. */
function wayTo(edges: readonly Edge[], from: string, to: string, seen = new Set<string>()): readonly string[] | undefined {
  if (from === to) return [to]
  seen.add(from)
  for (const { child, parent } of edges) {
    if (child !== from || seen.has(parent)) continue
    const rest = wayTo(edges, parent, to, seen)
    if (rest) return [from, ...rest]
  }
  return undefined
}
