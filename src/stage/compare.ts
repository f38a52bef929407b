import { RunError } from '../core/errors.ts'
import { identifier } from '../duckdb/sql.ts'
import { ComparedRelations } from './compared.ts'
import type { Known } from './conform.ts'
import type { CompareOptions } from './contract.ts'
import type { Engine } from './engine.ts'
import type { KeyCell, KeyedRows, KeyForms } from './key-forms.ts'
import { type Difference, type Matching, matchingOf } from './matching.ts'
import type { Rejects } from './rejects.ts'
import { emptySelect, heldText, StagedRelation } from './staged.ts'

/** What brings the target in step with the source. The differences are kept in a table, so that they can be read again. */
export async function compare(
  engine: Engine,
  { rejects, keyForms }: Known,
  source: StagedRelation,
  found: StagedRelation,
  options: CompareOptions,
): Promise<ComparedRelations> {
  const target = withKey(found, source, options.key)
  if (target.rows > 0) await keyForms.learn(keyedRows(source, options.key), ...asideOf(source, options.key), keyedRows(target, options.key))
  const matching = matchingOf(source, target, options, keyForms)
  if (target.rows === 0) return everythingIsNew(engine, matching)
  const difference = options.key.length === 0 ? await subtract(engine, matching) : await join(engine, matching, keyForms)
  const counts = await countKinds(engine, difference)
  if (options.key.length > 0) await refuseSharedKeys(engine, matching, difference, counts)
  if (options.mode === 'append') {
    const existing = await rejectExisting(engine, rejects, matching, difference)
    return new ComparedRelations(engine, { ...matching, ...difference, ...counts, updates: 0, existing, withheldDeletes: 0 })
  }
  const { deletes, withheldDeletes } = await proveDeletes(engine, { matching, keyForms }, difference, counts.deletes)
  return new ComparedRelations(engine, { ...matching, ...difference, ...counts, deletes, existing: 0, withheldDeletes })
}

function keyedRows(relation: StagedRelation, key: readonly string[]): KeyedRows {
  return { from: relation.from, cells: keyCells(relation, key) }
}

/** Rows that were set aside: their keys keep rows of the target, too, however those are spelled. */
function asideOf(relation: StagedRelation, key: readonly string[]): readonly KeyedRows[] {
  return relation.rejected ? [{ from: identifier(relation.rejected.table), cells: keyCells(relation, key) }] : []
}

function keyCells(relation: StagedRelation, key: readonly string[]): readonly KeyCell[] {
  return key.map((name) => ({ column: relation.column(name), text: `c${relation.index(name)}` }))
}

/** An empty target without the key's columns takes those of the source; its rows, if it has any, could not be told apart. */
function withKey(target: StagedRelation, { columns, held }: StagedRelation, key: readonly string[]): StagedRelation {
  const missing = key.filter((name) => !target.columns.some((column) => column.name === name))
  if (missing.length === 0) return target
  if (target.rows === 0) return new StagedRelation({ columns, held, rows: 0, from: emptySelect(columns, held) })
  throw new RunError({
    code: 'TARGET_KEY_MISSING',
    message: `the target holds rows and has no column ${missing.join(', ')}, so its rows cannot be matched by the key`,
    hint: 'name a `key` of columns that the target has, or write to a new target',
  })
}

interface Counts {
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
}

/** The source's rows are the inserts as they stand: nothing is copied. */
function everythingIsNew(engine: Engine, matching: Matching): ComparedRelations {
  const { source } = matching
  const cells = matching.written.map(({ source: index }, at) => `c${index} AS a${at}`)
  const from = `(SELECT 'insert' AS kind, ${cells.join(', ')} FROM ${source.from})`
  return new ComparedRelations(engine, { ...matching, from, inserts: source.rows, updates: 0, deletes: 0, existing: 0, withheldDeletes: 0 })
}

/**
 * The rows that differ: `kind`, `a0` … the cells as they shall be, `b0` … the cells as they are. One join decides over both
 * sides; only rows that differ are kept.
 */
async function join(engine: Engine, matching: Matching, keyForms: KeyForms): Promise<Difference> {
  const { source, target, keys, written, read, mode } = matching
  const table = engine.name('difference')
  const [first] = keys
  if (!first) throw new Error('a join needs a key')
  const names = keys.map(({ name }) => name)
  const formed = (relation: StagedRelation) => keyForms.with(keyedRows(relation, names))
  const absent = { source: `s.c${first.source} IS NULL`, target: `t.c${first.target} IS NULL` }
  const cells = [
    ...written.map(({ source: index }, at) => `s.c${index} AS a${at}`),
    ...read.map(({ target: index, type }, at) => `${index === undefined ? `NULL::${type}` : `t.c${index}`} AS b${at}`),
  ]
  await engine.run(`CREATE TABLE ${identifier(table)} AS
    SELECT CASE WHEN ${absent.source} THEN 'delete' WHEN ${absent.target} THEN 'insert' ELSE 'update' END AS kind, ${cells.join(', ')}
    FROM ${formed(source)} AS s ${mode === 'mirror' ? 'FULL' : 'LEFT'} JOIN ${formed(target)} AS t ON ${keys.map(({ equal }) => equal).join(' AND ')}
    WHERE ${[absent.source, absent.target, ...matching.differs].join(' OR ')}`)
  return { from: identifier(table) }
}

/** Rows that are known by all their cells: as often as one side has more of a row than the other. */
async function subtract(engine: Engine, { source, target, written, read, mode }: Matching): Promise<Difference> {
  const table = engine.name('difference')
  const ours = written.map(({ source: index }, at) => `c${index} AS a${at}`).join(', ')
  const theirs = read.map(({ target: index, type }, at) => `${index === undefined ? `NULL::${type}` : `c${index}`} AS b${at}`).join(', ')
  const aligned = written.map(({ read: at }) => `b${at}`).join(', ')
  await engine.run(`CREATE TABLE ${identifier(table)} AS SELECT 'insert' AS kind, *, ${read.map(({ type }, at) => `NULL::${type} AS b${at}`).join(', ')}
    FROM (SELECT ${ours} FROM ${source.from} EXCEPT ALL SELECT ${aligned} FROM (SELECT ${theirs} FROM ${target.from}))`)
  if (mode !== 'mirror') return { from: identifier(table) }
  await engine.run(`INSERT INTO ${identifier(table)} SELECT 'delete', ${written.map(() => 'NULL, ').join('')} *
    FROM (SELECT ${theirs} FROM ${target.from} EXCEPT ALL SELECT ${ours} FROM ${source.from})`)
  return { from: identifier(table) }
}

async function countKinds(engine: Engine, { from }: Difference): Promise<Counts> {
  const kinds = ['insert', 'update', 'delete'].map((kind) => `count(*) FILTER (kind = '${kind}')`)
  const [counts = []] = await engine.texts(`SELECT ${kinds.join(', ')} FROM ${from}`)
  const [inserts, updates, deletes] = counts.map(Number)
  return { inserts: inserts ?? 0, updates: updates ?? 0, deletes: deletes ?? 0 }
}

/**
 * Source keys are unique (`conform` saw to it). Where a key of the target is not, nothing could say which of its rows is
 * meant. Over a mirror the counts tell: matched rows are as many on both sides.
 */
async function refuseSharedKeys(engine: Engine, matching: Matching, { from }: Difference, counts: Counts): Promise<void> {
  const { source, target, keys, mode } = matching
  const uneven = mode === 'mirror' && source.rows - counts.inserts !== target.rows - counts.deletes
  const columns = keys.map(({ before }) => `b${before}`)
  const shared = `SELECT 1 FROM ${from} WHERE kind <> 'insert' AND b${keys[0]?.before} IS NOT NULL GROUP BY ${columns.join(', ')} HAVING count(*) > 1 LIMIT 1`
  if (!uneven && (await engine.texts(shared)).length === 0) return
  const names = keys.map(({ name }) => name).join(', ')
  throw new RunError({
    code: 'TARGET_KEY_NOT_UNIQUE',
    message: `the target holds several rows with the same key (${names}), so rows cannot be matched by it`,
    hint: 'name a `key` that is unique in the target, or remove its duplicates',
  })
}

/** A source row whose key is there with other cells is no insert, and an `append` changes nothing. */
async function rejectExisting(engine: Engine, rejects: Rejects, matching: Matching, { from }: Difference): Promise<number> {
  const { source, written, keys } = matching
  const table = engine.name('existing')
  const texts = written.map(({ source: index, column }, at) => heldText(`a${at}`, source.held, source.columns[index] ?? column))
  const count = await engine.run(
    `CREATE TABLE ${identifier(table)} AS SELECT 0 AS cause, [${texts.join(', ')}] AS original FROM ${from} WHERE kind = 'update'`,
  )
  const detail = `the target has a row with the same ${keys.map(({ name }) => name).join(', ')} and other cells`
  rejects.add({ table, causes: [{ reason: 'exists', detail }], names: written.map(({ column }) => column.name) }, count)
  await engine.run(`DELETE FROM ${from} WHERE kind = 'update'`)
  return count
}

/** A reject's row in the target stays, and where a reject's key cannot be read, so does every row (rule 5). */
async function proveDeletes(
  engine: Engine,
  { matching: { source, keys }, keyForms }: { readonly matching: Matching; readonly keyForms: KeyForms },
  { from }: Difference,
  deletes: number,
): Promise<{ readonly deletes: number; readonly withheldDeletes: number }> {
  if (deletes === 0 || !source.rejected) return { deletes, withheldDeletes: 0 }
  const { table, unknown } = source.rejected
  const same = keys.map(({ form, folded, source: ours, before }) =>
    form === undefined ? `${folded(`r.c${ours}`)} = ${folded(`d.b${before}`)}` : `r.${form} = d.${form}`,
  )
  const cells = (prefix: 'b' | 'c') =>
    keys.map(({ name, source: ours, before }) => ({ column: source.column(name), text: `${prefix}${prefix === 'b' ? before : ours}` }))
  const gone = keyForms.with({ from: `(SELECT *, rowid AS row_id FROM ${from} WHERE kind = 'delete')`, cells: cells('b') })
  const aside = keyForms.with({ from: identifier(table), cells: cells('c') })
  const kept =
    keys.length === 0
      ? 0
      : await engine.run(
          `DELETE FROM ${from} WHERE rowid IN (SELECT d.row_id FROM ${gone} AS d JOIN ${aside} AS r ON ${same.join(' AND ')})`,
        )
  if (!unknown && keys.length > 0) return { deletes: deletes - kept, withheldDeletes: 0 }
  const withheldDeletes = await engine.run(`DELETE FROM ${from} WHERE kind = 'delete'`)
  return { deletes: 0, withheldDeletes }
}
