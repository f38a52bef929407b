import { identifier } from '../duckdb/sql.ts'
import type { Cell } from './cells.ts'
import type { Engine } from './engine.ts'
import { type Fault, faulty, hasFault } from './faults.ts'
import { folded } from './fold.ts'
import type { KeyCell, KeyForms } from './key-forms.ts'
import type { Cause, Rejects } from './rejects.ts'
import { heldText, type RejectedKeys } from './staged.ts'

interface Conforming {
  readonly table: string
  readonly cells: readonly Cell[]
  readonly faults: readonly Fault[]
  /** Rows with a fault. */
  readonly faulty: number
  readonly key: readonly string[]
  readonly read: number
}

/** Moves the rows with a fault, and every row whose key is not its own, out of a conformed table. */
export async function setAside(
  engine: Engine,
  { rejects, keyForms }: { readonly rejects: Rejects; readonly keyForms: KeyForms },
  conforming: Conforming,
): Promise<{ readonly rejected: RejectedKeys | undefined; readonly rows: number }> {
  const { table, cells, faults, key, read } = conforming
  const keys = key.map((name) => cells.findIndex((cell) => cell.conforming.to.name === name))
  const keyed = { keyForms, table, cells: keys.flatMap((index) => keyCell(cells, index)) }
  const shared = keys.length === 0 ? undefined : await sharedKeys(engine, keyed)
  if (conforming.faulty === 0 && shared === undefined) {
    await dropWorkColumns(engine, table, faults)
    return { rejected: undefined, rows: read }
  }
  const causes = [...faults.map(causeOf), { reason: 'duplicate key', detail: `other rows have the same ${key.join(', ')}` } as const]
  const aside = engine.name('rejected')
  const conditions = [faulty(faults), ...(shared === undefined ? [] : [hasKeyIn(shared, keyed)])]
  const count =
    await engine.run(`CREATE TABLE ${identifier(aside)} AS SELECT rowid AS row_id, ${keys.map((index) => `c${index}, `).join('')}
    ${causeNumber(faults)} AS cause, ${originalOf(cells, faults)} AS original FROM ${identifier(table)} WHERE ${conditions.join(' OR ')}`)
  rejects.add({ table: aside, causes, names: cells.map(({ conforming: { from } }) => from) }, count)
  await engine.run(`DELETE FROM ${identifier(table)} WHERE rowid IN (SELECT row_id FROM ${identifier(aside)})`)
  await dropWorkColumns(engine, table, faults)
  if (shared !== undefined) await engine.drop(shared)
  return { rejected: { table: aside, unknown: await anyUnknown(engine, aside, keys) }, rows: read - count }
}

interface Keyed {
  readonly keyForms: KeyForms
  readonly table: string
  readonly cells: readonly KeyCell[]
}

function keyCell(cells: readonly Cell[], index: number): readonly KeyCell[] {
  const cell = cells[index]
  return cell ? [{ column: cell.conforming.to, text: `c${index}` }] : []
}

/** @returns a table of the forms of keys that more than one row has, `undefined` where each is its row's own. */
async function sharedKeys(engine: Engine, { keyForms, table, cells }: Keyed): Promise<string | undefined> {
  const shared = engine.name('shared')
  const rows = { from: identifier(table), cells }
  await keyForms.learn(rows)
  const readable = cells.map(({ text }) => `${text} IS NOT NULL`).join(' AND ')
  const forms = formsOf(keyForms, cells).map((form, at) => `${form} AS s${at}`)
  const count = await engine.run(
    `CREATE TABLE ${identifier(shared)} AS SELECT ${forms.join(', ')} FROM ${keyForms.with(rows)} WHERE ${readable} GROUP BY ALL HAVING count(*) > 1`,
  )
  if (count > 0) return shared
  await engine.drop(shared)
  return undefined
}

function formsOf(keyForms: KeyForms, cells: readonly KeyCell[]): readonly string[] {
  return cells.map(({ column, text }, at) => (keyForms.has(column.name) ? `k${at}` : folded(text, column)))
}

function hasKeyIn(shared: string, { keyForms, table, cells }: Keyed): string {
  const from = keyForms.with({ from: `(SELECT *, rowid AS row_id FROM ${identifier(table)})`, cells })
  const keys = cells.map((_, at) => `s${at}`).join(', ')
  const forms = formsOf(keyForms, cells).join(', ')
  return `rowid IN (SELECT row_id FROM ${from} WHERE (${forms}) IN (SELECT (${keys}) FROM ${identifier(shared)}))`
}

function causeOf({ reason, column, detail }: Fault): Cause {
  return { reason, column, detail }
}

/** The first fault of a row; the number past the last means a shared key. */
function causeNumber(faults: readonly Fault[]): string {
  if (faults.length === 0) return '0'
  return `CASE ${faults.map((_, position) => `WHEN ${hasFault(position)} THEN ${position}`).join(' ')} ELSE ${faults.length} END`
}

/** The landed texts are kept only of rows with a fault of their own; the others fit, so that their canonical text says the same. */
function originalOf(cells: readonly Cell[], faults: readonly Fault[]): string {
  const canonical = cells.map(({ conforming: { to, held } }, index) => heldText(`c${index}`, { [to.name]: held }, to))
  const fitting = `[${canonical.join(', ')}]`
  return faults.length === 0 ? fitting : `coalesce(original, ${fitting})`
}

async function dropWorkColumns(engine: Engine, table: string, faults: readonly Fault[]): Promise<void> {
  if (faults.length === 0) return
  const words = Math.ceil(faults.length / 60)
  for (const column of ['original', ...Array.from({ length: words }, (_, word) => `f${word}`)])
    await engine.run(`ALTER TABLE ${identifier(table)} DROP COLUMN ${column}`)
}

async function anyUnknown(engine: Engine, aside: string, keys: readonly number[]): Promise<boolean> {
  if (keys.length === 0) return false
  const missing = keys.map((index) => `c${index} IS NULL`).join(' OR ')
  const [[found] = []] = await engine.texts(`SELECT count(*) FROM ${identifier(aside)} WHERE ${missing}`)
  return found !== '0'
}
