import { canonicalText } from '../core/canonical.ts'
import type { ChangeKind, Refused, Reject } from '../core/changes.ts'
import { identifier, literal } from '../duckdb/sql.ts'
import { kindsOf, knownBy, textOf } from './change-texts.ts'
import { after, before, ComparedRelations } from './compared.ts'
import type { Engine } from './engine.ts'

/**
 * The rows of a change set that the target refused, as rejects with all their cells. One that is not among the changes has the
 * cells of its key alone: no row vanishes.
 */
export async function refusedRows(engine: Engine, compared: ComparedRelations, refused: readonly Refused[]): Promise<readonly Reject[]> {
  const rows = new Map<number, Reject['row']>()
  await using named = await nameRefused(engine, compared, refused)
  for (const kind of kindsOf(compared)) {
    const cells = kind === 'delete' ? before(compared.parts) : after(compared.parts)
    const found = matching(compared, named.table, kind, ` AND r.kind = '${kind}'`)
    const texts = cells.map((cell) => textOf(cell, 'd.'))
    for (const [n, ...row] of await engine.texts(`SELECT r.n, ${texts.join(', ')} ${found}`))
      rows.set(Number(n), Object.fromEntries(cells.map(({ column }, index) => [column.name, row[index] ?? null])))
  }
  return refused.map((one, n) => reject(one, rows.get(n) ?? keyCells(compared, one)))
}

/** The changes without those rows, whatever kind of change they are here. */
export async function withoutRefused(engine: Engine, compared: ComparedRelations, refused: readonly Refused[]): Promise<ComparedRelations> {
  const named = await nameRefused(engine, compared, refused)
  const table = engine.name('left')
  const kinds = kindsOf(compared)
  const kept = kinds.map(
    (kind) =>
      `SELECT d.* FROM ${numbered(compared, kind)} WHERE NOT EXISTS (SELECT 1 FROM ${identifier(named.table)} AS r WHERE ${same(compared, kind)})`,
  )
  if (kept.length === 0) return compared
  await engine.run(`CREATE TABLE ${identifier(table)} AS ${kept.join(' UNION ALL BY NAME ')}`)
  await named[Symbol.asyncDispose]()
  const [counts = []] = await engine.texts(
    `SELECT ${(['insert', 'update', 'delete'] as const).map((kind) => `count(*) FILTER (kind = '${kind}')`).join(', ')} FROM ${identifier(table)}`,
  )
  const [inserts = 0, updates = 0, deletes = 0] = counts.map(Number)
  return new ComparedRelations(engine, { ...compared.parts, from: identifier(table), inserts, updates, deletes })
}

interface Named extends AsyncDisposable {
  /** Of `n`, the position among those refused, `kind`, `k0` … the texts that a row is known by, and `o`, which of equal rows it is. */
  readonly table: string
}

async function nameRefused(engine: Engine, compared: ComparedRelations, refused: readonly Refused[]): Promise<Named> {
  const table = engine.name('refused')
  const names = knownBy(compared, 'insert').map((_, index) => `k${index}`)
  await engine.run(
    `CREATE TABLE ${identifier(table)} (n INTEGER, kind VARCHAR, ${names.map((name) => `${name} VARCHAR, `).join('')}o BIGINT)`,
  )
  const occurrences = new Map<string, number>()
  const rows = refused.map((one, n) => {
    const texts = keyTexts(compared, one)
    const alike = JSON.stringify(texts)
    const occurrence = (occurrences.get(alike) ?? 0) + 1
    occurrences.set(alike, occurrence)
    return `(${[n, literal(one.kind), ...texts.map((text) => (text === null ? 'NULL' : literal(text))), occurrence].join(', ')})`
  })
  for (let start = 0; start < rows.length; start += 500)
    await engine.run(`INSERT INTO ${identifier(table)} VALUES ${rows.slice(start, start + 500).join(', ')}`)
  return { table, [Symbol.asyncDispose]: async () => await engine.drop(table) }
}

/** The differences of one kind joined with those refused. */
function matching(compared: ComparedRelations, table: string, kind: ChangeKind, more: string): string {
  return `FROM ${numbered(compared, kind)} JOIN ${identifier(table)} AS r ON ${same(compared, kind)}${more}`
}

/** The differences of one kind, called `d`; those without a key say which of equal rows they are. */
function numbered(compared: ComparedRelations, kind: ChangeKind): string {
  const { from, keys } = compared.parts
  const texts = knownBy(compared, kind).map((cell) => textOf(cell))
  const ordinal = keys.length > 0 ? '' : `, row_number() OVER (PARTITION BY ${texts.join(', ')}) AS "#o"`
  return `(SELECT *${ordinal} FROM ${from} WHERE kind = '${kind}') AS d`
}

function same(compared: ComparedRelations, kind: ChangeKind): string {
  const texts = knownBy(compared, kind).map((cell, index) => `${textOf(cell, 'd.')} IS NOT DISTINCT FROM r.k${index}`)
  return [...texts, ...(compared.parts.keys.length > 0 ? [] : ['d."#o" = r.o'])].join(' AND ')
}

function keyTexts(compared: ComparedRelations, { key }: Refused): readonly (string | null)[] {
  return knownBy(compared, 'insert').map(({ column }, index) => canonicalText(key[index] ?? null, column.type))
}

function keyCells(compared: ComparedRelations, refused: Refused): Reject['row'] {
  const texts = keyTexts(compared, refused)
  return Object.fromEntries(knownBy(compared, 'insert').map(({ column }, index) => [column.name, texts[index] ?? null]))
}

function reject({ reason, column, detail, answer }: Refused, row: Reject['row']): Reject {
  return { reason, ...(column === undefined ? {} : { column }), detail, ...(answer === undefined ? {} : { answer }), row }
}
