import type { Reference } from '../../core/table.ts'
import type { Link } from '../../stage/stage.ts'
import type { Edge } from './order.ts'
import { nameOf, type Ready } from './part.ts'

/**
 * Sets aside, before anything is written, the rows whose foreign keys could not hold: those that refer to a row which was
 * rejected or is not there, and deletes of rows that others which stay refer to. What the source's own foreign keys prove is
 * not looked at.
 */
export async function settleReferences(parts: readonly Ready[], edges: readonly Edge[]): Promise<readonly Ready[]> {
  const settled = new Map(parts.map((part) => [nameOf(part), part]))
  for (const set of ['refuseOrphans', 'keepReferenced'] as const) {
    // What is set aside may be what other rows refer to.
    for (let changed = true; changed; ) {
      changed = false
      for (const edge of edges) if (await setAside(settled, edge, set)) changed = true
    }
  }
  return parts.map((part) => withoutOwnCascades(get(settled, nameOf(part)), edges, settled))
}

type Settled = Map<string, Ready>

/** @returns whether there were such rows. */
async function setAside(settled: Settled, edge: Edge, set: 'refuseOrphans' | 'keepReferenced'): Promise<boolean> {
  const [child, parent] = [get(settled, edge.child), get(settled, edge.parent)]
  const link = linkOf(child, parent, edge.reference)
  if (!link || isProved(child, parent, edge.reference)) return false
  const part = set === 'refuseOrphans' ? child : parent
  const left = await part.stage[set](link)
  if (!left || !part.comparison) return false
  settled.set(nameOf(part), { ...part, comparison: { ...part.comparison, ...left } })
  return true
}

function get(settled: Settled, name: string): Ready {
  const part = settled.get(name)
  if (!part) throw new Error(`the family has no table ${name}`)
  return part
}

function linkOf(child: Ready, parent: Ready, { name, columns, foreignColumns }: Reference): Link | undefined {
  if (!child.comparison || !parent.comparison) return undefined
  const detail = `foreign key ${name}: refers to a row of ${parent.request.definition.to.object} that is not there`
  const kept = `foreign key ${name}: rows of ${child.request.definition.to.object} that stay refer to it`
  return {
    child: { compared: child.comparison.compared, whole: isWhole(child) },
    parent: { compared: parent.comparison.compared, whole: isWhole(parent) },
    columns,
    foreignColumns,
    details: { orphan: detail, kept },
  }
}

/** Whether every row of the target was compared. */
function isWhole({ comparison, work: { definition } }: Ready): boolean {
  if (!comparison || definition.scope !== undefined) return false
  return !comparison.shape.exists || (comparison.shape.key.length > 0 && comparison.targetRows === comparison.target.rows)
}

/** The source has the same foreign key, both tables were read as a whole from one view, and no row was set aside. */
function isProved(child: Ready, parent: Ready, reference: Reference): boolean {
  if (!isWholeAndClean(child) || !isWholeAndClean(parent)) return false
  return (child.ends.source.references ?? []).some(
    ({ name, self, columns, foreignColumns }) =>
      (self ? child === parent : parent.ends.source.dependents?.referencedBy.includes(name)) &&
      String(columns) === String(reference.columns) &&
      String(foreignColumns) === String(reference.foreignColumns),
  )
}

function isWholeAndClean({ stage, left, work: { definition } }: Ready): boolean {
  const { where, cursor, select } = definition.from
  const bounded = [where, cursor, select, definition.scope].some((bound) => bound !== undefined)
  return stage.rejected === 0 && !left && !bounded && (definition.mode === 'mirror' || definition.mode === 'replace')
}

/**
 * Deletes that take along rows of tables which are brought in step at the same time take nothing that stays: those rows go, or
 * refer to others by then. A person needs to approve the other cascades alone.
 */
function withoutOwnCascades(part: Ready, edges: readonly Edge[], settled: Settled): Ready {
  const { comparison } = part
  const dependents = comparison?.shape.table.dependents
  if (!comparison || !dependents || dependents.cascades.length === 0) return part
  const harmless = edges
    .filter(({ child, parent }) => parent === nameOf(part) && isWholeAndClean(get(settled, child)))
    .map(({ reference }) => reference.name)
  const cascades = dependents.cascades.filter((name) => !harmless.includes(name))
  const table = { ...comparison.shape.table, dependents: { ...dependents, cascades } }
  return { ...part, comparison: { ...comparison, shape: { ...comparison.shape, table } } }
}
