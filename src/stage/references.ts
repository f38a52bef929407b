import type { Column } from '../core/table.ts'
import type { Type } from '../core/types.ts'
import { identifier } from '../duckdb/sql.ts'
import { ComparedRelations } from './compared.ts'
import type { Link } from './contract.ts'
import type { Engine } from './engine.ts'
import { folded } from './fold.ts'
import type { Rejects } from './rejects.ts'
import { heldText, StagedRelation } from './staged.ts'

/**
 * Sets aside the new and changed rows of the child that refer to a row which the parent will not have.
 * @returns the child's changes without them; `undefined` where there are none, or where the stage cannot tell.
 */
export async function refuseOrphans(
  engine: Engine,
  rejects: Rejects,
  link: Link<ComparedRelations>,
): Promise<ComparedRelations | undefined> {
  const { child, parent, columns, foreignColumns } = link
  const { compared } = child
  if (!parent.whole || compared.parts.inserts + compared.parts.updates === 0) return undefined
  const referring = { compared, names: columns, side: 'after', alias: 'd' } as const
  const added = sameTexts(referring, { compared: parent.compared, names: foreignColumns, side: 'after', alias: 'p' })
  const gone = sameTexts(referring, { compared: parent.compared, names: foreignColumns, side: 'before', alias: 'p' })
  const stood = sameAsTarget(referring, { compared: parent.compared, names: foreignColumns, side: 'target', alias: 't' })
  if (added === undefined || gone === undefined || stood === undefined) return undefined
  const { from, inserts, updates, deletes } = parent.compared.parts
  const arrives = inserts + updates === 0 ? 'false' : `EXISTS (SELECT 1 FROM ${from} AS p WHERE p.kind <> 'delete' AND ${added})`
  const leaves = updates + deletes === 0 ? 'false' : `EXISTS (SELECT 1 FROM ${from} AS p WHERE p.kind <> 'insert' AND ${gone})`
  const places = columns.map((name) => compared.parts.written.findIndex(({ column }) => column.name === name))
  const refers = places.map((at) => `d.a${at} IS NOT NULL`).join(' AND ')
  const orphan = `d.kind <> 'delete' AND ${refers} AND NOT ${arrives} AND NOT (${stood} AND NOT ${leaves})`
  return await setAside(engine, rejects, link, { compared, condition: orphan, side: 'after' })
}

/**
 * Sets aside the deletes of the parent that rows of the child which stay refer to: neither rejects nor a source that
 * contradicts itself may take rows along or break the whole.
 */
export async function keepReferenced(
  engine: Engine,
  rejects: Rejects,
  link: Link<ComparedRelations>,
): Promise<ComparedRelations | undefined> {
  const { child, parent, columns, foreignColumns } = link
  const { compared } = parent
  const { keys, target } = child.compared.parts
  if (compared.parts.deletes === 0 || !child.whole || keys.length === 0) return undefined
  const leaving = { compared, names: foreignColumns, side: 'before', alias: 'd' } as const
  const changed = sameTexts({ compared: child.compared, names: columns, side: 'after', alias: 'l' }, leaving)
  const same = sameTexts({ compared: child.compared, names: columns, side: 'target', alias: 't' }, leaving)
  if (changed === undefined || same === undefined) return undefined
  const { from } = child.compared.parts
  const isHere = keys.map((key) => `x.b${key.before} IS NOT DISTINCT FROM t.c${key.target}`).join(' AND ')
  const touched =
    child.compared.parts.updates + child.compared.parts.deletes === 0
      ? 'false'
      : `EXISTS (SELECT 1 FROM ${from} AS x WHERE x.kind <> 'insert' AND ${isHere})`
  const stays = target.rows === 0 ? 'false' : `EXISTS (SELECT 1 FROM ${target.from} AS t WHERE ${same} AND NOT ${touched})`
  const arrives = `EXISTS (SELECT 1 FROM ${from} AS l WHERE l.kind <> 'delete' AND ${changed})`
  return await setAside(engine, rejects, link, { compared, condition: `d.kind = 'delete' AND (${stays} OR ${arrives})`, side: 'before' })
}

interface Aside {
  readonly compared: ComparedRelations
  /** Over `d`, the differences. */
  readonly condition: string
  /** Which cells a reject keeps. */
  readonly side: 'after' | 'before'
}

async function setAside(
  engine: Engine,
  rejects: Rejects,
  { details, columns }: Link<ComparedRelations>,
  { compared, condition, side }: Aside,
): Promise<ComparedRelations | undefined> {
  const { parts } = compared
  const table = engine.name('refused')
  const cells =
    side === 'after'
      ? parts.written.map(({ column }, at) => ({ name: column.name, text: textAfter(compared, at, 'd') }))
      : parts.read.map(({ column }, at) => ({ name: column.name, text: textBefore(compared, at, 'd') }))
  const keys = parts.keys.map((key) => `, d.${side === 'after' ? `a${key.after}` : `b${key.before}`} AS c${key.source}`)
  const count = await engine.run(
    `CREATE TABLE ${identifier(table)} AS SELECT d.kind AS kind, 0 AS cause, [${cells.map(({ text }) => text).join(', ')}] AS original${keys.join('')}
    FROM ${parts.from} AS d WHERE ${condition}`,
  )
  if (count === 0) {
    await engine.drop(table)
    return undefined
  }
  const column = columns.length === 1 ? { column: columns[0] ?? '' } : {}
  const cause =
    side === 'after'
      ? { reason: 'constraint' as const, ...column, detail: details.orphan }
      : { reason: 'constraint' as const, detail: details.kept }
  const names = cells.map(({ name }) => name)
  rejects.add({ table, causes: [cause], names }, count)
  return await without(engine, compared, { table, condition, isDelete: side === 'before' })
}

/** The changes that are left, and a source that lacks the rows set aside: their keys count as those of rejects. */
async function without(
  engine: Engine,
  { parts }: ComparedRelations,
  refused: { readonly table: string; readonly condition: string; readonly isDelete: boolean },
): Promise<ComparedRelations> {
  const left = engine.name('difference')
  await engine.run(`CREATE TABLE ${identifier(left)} AS SELECT d.* FROM ${parts.from} AS d WHERE (${refused.condition}) IS NOT TRUE`)
  const [counts = []] = await engine.texts(
    `SELECT ${['insert', 'update', 'delete'].map((kind) => `count(*) FILTER (kind = '${kind}')`).join(', ')} FROM ${identifier(left)}`,
  )
  const [inserts = 0, updates = 0, deletes = 0] = counts.map(Number)
  const source = await withoutRows(engine, parts, refused)
  return new ComparedRelations(engine, { ...parts, source, from: identifier(left), inserts, updates, deletes })
}

async function withoutRows(
  engine: Engine,
  { source, keys }: ComparedRelations['parts'],
  { table, isDelete }: { readonly table: string; readonly isDelete: boolean },
): Promise<StagedRelation> {
  if (keys.length === 0) return source
  const columns = keys.map((key) => `c${key.source}`)
  const all = engine.name('rejected')
  const former = source.rejected ? ` UNION ALL SELECT ${columns.join(', ')} FROM ${identifier(source.rejected.table)}` : ''
  await engine.run(`CREATE TABLE ${identifier(all)} AS SELECT ${columns.join(', ')} FROM ${identifier(table)}${former}`)
  const rejected = { table: all, unknown: source.rejected?.unknown ?? false }
  const { held } = source
  if (isDelete) return new StagedRelation({ columns: source.columns, held, rows: source.rows, from: source.from, rejected })
  const same = keys.map((key) => `r.c${key.source} = s.c${key.source}`).join(' AND ')
  const from = `(SELECT s.* FROM ${source.from} AS s WHERE NOT EXISTS (SELECT 1 FROM ${identifier(table)} AS r WHERE ${same}))`
  const [[rows] = []] = await engine.texts(`SELECT count(*) FROM ${from}`)
  return new StagedRelation({ columns: source.columns, held, rows: Number(rows), from, rejected })
}

interface Cells {
  readonly compared: ComparedRelations
  readonly names: readonly string[]
  /** Of the differences as they shall be or as they were read, or of the whole target. */
  readonly side: 'after' | 'before' | 'target'
  readonly alias: string
}

/** Whether the parent's target holds what a child's changed row refers to. */
function sameAsTarget(child: Cells, parent: Cells): string | undefined {
  const { target } = parent.compared.parts
  if (target.rows === 0) return 'false'
  const same = sameTexts(child, parent)
  return same && `EXISTS (SELECT 1 FROM ${target.from} AS ${parent.alias} WHERE ${same})`
}

/**
 * A condition: cells of a child and of the table that it refers to are equal, as that table takes them. `undefined` where a
 * column is not among them, or the columns' types are written differently.
 */
export function sameTexts(child: Cells, parent: Cells): string | undefined {
  const pairs = child.names.map((name, index) => {
    const ours = cellOf(child, name)
    const theirs = cellOf(parent, parent.names[index] ?? '')
    if (!ours || !theirs || !alike(ours.column.type, theirs.column.type)) return undefined
    return `${folded(ours.text, theirs.column)} = ${folded(theirs.text, theirs.column)}`
  })
  return pairs.includes(undefined) ? undefined : pairs.join(' AND ')
}

function cellOf({ compared, side, alias }: Cells, name: string): { readonly column: Column; readonly text: string } | undefined {
  const { written, read, target } = compared.parts
  const columns = side === 'target' ? target.columns : (side === 'after' ? written : read).map(({ column }) => column)
  const at = columns.findIndex((column) => column.name === name)
  const column = columns[at]
  if (!column) return undefined
  if (side === 'target') return { column, text: heldText(`${alias}.c${at}`, target.held, column) }
  return { column, text: side === 'after' ? textAfter(compared, at, alias) : textBefore(compared, at, alias) }
}

/** Integers of any size and texts of any length are written alike; of decimals only those of one scale are. */
function alike(one: Type, other: Type): boolean {
  if (one.kind !== other.kind) return false
  return one.kind !== 'decimal' || (other.kind === 'decimal' && one.scale === other.scale)
}

/** Canonical text of a written cell as it shall be. */
export function textAfter({ parts: { written, source } }: ComparedRelations, at: number, alias?: string): string {
  const column = written[at]?.column
  if (!column) throw new Error('a change has no such column')
  return heldText(`${alias === undefined ? '' : `${alias}.`}a${at}`, source.held, column)
}

/** Canonical text of a cell as it was read. */
export function textBefore({ parts: { read, source, target } }: ComparedRelations, at: number, alias?: string): string {
  const one = read[at]
  if (!one) throw new Error('a change has no such column')
  return heldText(`${alias === undefined ? '' : `${alias}.`}b${at}`, one.target === undefined ? source.held : target.held, one.column)
}
