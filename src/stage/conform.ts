import { ConfigError, RunError } from '../core/errors.ts'
import { exactCast } from '../duckdb/exact.ts'
import { identifier, literal } from '../duckdb/sql.ts'
import { type Cell, cellOf, inAnySpelling, inOneSpelling, onlyTargetSpells } from './cells.ts'
import type { Conformed, ConformOptions } from './contract.ts'
import type { Engine } from './engine.ts'
import { type Fault, faultsOf, faultWords, faulty, hasFault } from './faults.ts'
import { answersTo, takesAny } from './judge.ts'
import type { KeyForms } from './key-forms.ts'
import type { LandedRows } from './landed.ts'
import { orderOfText } from './order.ts'
import type { Rejects } from './rejects.ts'
import { setAside } from './set-aside.ts'
import { emptySelect, type Held, heldAs, StagedRelation } from './staged.ts'

/** `Conformed`, seen from inside. */
export interface ConformedRelation extends Conformed {
  readonly staged: StagedRelation
}

/** What a stage knows of all its relations. */
export interface Known {
  readonly rejects: Rejects
  readonly keyForms: KeyForms
}

/** Casts the landed cells to the target's columns in one pass and sets aside the rows that do not fit. */
export async function conform(engine: Engine, known: Known, landed: LandedRows, options: ConformOptions): Promise<ConformedRelation> {
  if (options.columns.length === 0) return await bare(engine, landed)
  const cells = options.columns.map((column) => inOneSpelling(cellOf(landed, options.enforce ? inAnySpelling(landed, column) : column)))
  const faults = faultsOf(cells, options)
  const answers = await judgeTexts(engine, landed, cells)
  const table = engine.name('conformed')
  const read = await cast(engine, { table, landed, cells, faults, answers, options })
  for (const answer of answers.values()) await engine.drop(answer)
  const faulty = await countFaulty(engine, table, faults)
  const overflow = faulty.rows === 0 ? [] : await overflowing(engine, table, { cells, faults, faulty })
  const columns = cells.map(({ conforming }) => conforming.to)
  const held = Object.fromEntries(cells.map(({ conforming }) => [conforming.to.name, heldOf(conforming)]))
  if (overflow.length > 0) {
    await engine.drop(table)
    return { staged: new StagedRelation({ columns, held, rows: 0, from: emptySelect(columns, held) }), overflow, read }
  }
  for (const { conforming } of cells) if (conforming.keyForms) known.keyForms.learnFrom(conforming.to.name, conforming.keyForms)
  const { rejected, rows } = await setAside(engine, known, { table, cells, faults, faulty: faulty.rows, key: options.key ?? [], read })
  return { staged: new StagedRelation({ columns, held, rows, from: identifier(table), rejected, table }), overflow, read }
}

/** Rows of which no column is wanted. */
export async function bare(engine: Engine, landed: LandedRows): Promise<ConformedRelation> {
  const [[found] = []] = await engine.texts(`SELECT count(*) FROM ${landed.from}`)
  const rows = Number(found)
  return {
    staged: new StagedRelation({ columns: [], held: {}, rows, from: `(SELECT NULL FROM range(${rows}))` }),
    overflow: [],
    read: rows,
  }
}

function heldOf({ to, held }: Cell['conforming']): Held {
  return heldAs({ [to.name]: held }, to)
}

/** For each judged column that is held as text, a table of the target's answers: about every text, or those that the stage cannot read. */
async function judgeTexts(engine: Engine, landed: LandedRows, cells: readonly Cell[]): Promise<ReadonlyMap<Cell, string>> {
  const answers = new Map<Cell, string>()
  for (const cell of cells) {
    const { judge } = cell.conforming
    if (!judge || heldOf(cell.conforming) === 'native') continue
    const unread = onlyTargetSpells(landed, cell.conforming) ? 'true' : `${cell.becomes('text')} IS NULL`
    const asked = cell.invalid ? `${unread} AND NOT ${cell.invalid('text')}` : unread
    answers.set(cell, await answersTo(engine, `SELECT text FROM (SELECT ${cell.landed} AS text FROM ${landed.from}) WHERE ${asked}`, judge))
  }
  return answers
}

/** A landed cell as the target answered, or else as the stage reads it. */
function answered(landed: LandedRows, cell: Cell, name: string, answer: string): string {
  return onlyTargetSpells(landed, cell.conforming) ? answer : `coalesce(${cell.becomes(name)}, ${answer})`
}

interface Casting {
  readonly table: string
  readonly landed: LandedRows
  readonly cells: readonly Cell[]
  readonly faults: readonly Fault[]
  readonly answers: ReadonlyMap<Cell, string>
  readonly options: ConformOptions
}

/**
 * Makes the conformed table: `c0` … the cells, `f0` … the faults, and where a row has a fault, `original`, its landed texts.
 * @returns its rows.
 */
async function cast(engine: Engine, casting: Casting): Promise<number> {
  const { table, cells, faults, options } = casting
  const words = faultWords(faults).map((_, word) => `"!${word}" AS f${word}`)
  const texts = cells.map((_, index) => `"~${index}"`).join(', ')
  const original = faults.length === 0 ? [] : [`CASE WHEN ${faultyRow(faults)} THEN [${texts}] END AS original`]
  const columns = [...cells.map((_, index) => `"+${index}" AS c${index}`), ...words, ...original]
  const filter = filterOf(cells, faults, options)
  const from = `(${judged(casting)})`
  try {
    return await engine.run(`CREATE TABLE ${identifier(table)} AS SELECT ${columns.join(', ')} FROM ${from}${filter}`)
  } catch (thrown) {
    throw options.where === undefined ? thrown : (badPredicate(thrown) ?? thrown)
  }
}

/** Whether a row of the query below has a fault. */
export function faultyRow(faults: readonly Fault[]): string {
  return faulty(faults, (word) => `"!${word}"`)
}

/**
 * Landed cells `=0` …, their texts `~0` …, conformed cells `+0` … and faults `!0` …; where a predicate needs them, the
 * conformed cells also under users' names, which is why the others have such names.
 */
export function judged({ landed, cells, faults, answers, options }: Omit<Casting, 'table'>): string {
  const sources = cells.flatMap((cell, index) => [`${cell.landed} AS "=${index}"`, `${cell.text} AS "~${index}"`])
  const joins = cells.flatMap((cell, index) => {
    const answer = answers.get(cell)
    return answer === undefined ? [] : [` LEFT JOIN ${identifier(answer)} AS a${index} ON "=${index}" = a${index}.text`]
  })
  const become = cells.map(
    (cell, index) =>
      `${answers.has(cell) ? answered(landed, cell, `"=${index}"`, `a${index}.answer`) : cell.becomes(`"=${index}"`)} AS "+${index}"`,
  )
  const conformed = `SELECT *, ${become.join(', ')} FROM (SELECT ${sources.join(', ')} FROM ${landed.from})${joins.join('')}`
  const words = faultWords(faults).map((word, index) => `${word} AS "!${index}"`)
  const names = options.where === undefined ? [] : cells.map(({ conforming }, index) => `"+${index}" AS ${identifier(conforming.to.name)}`)
  return `SELECT ${['*', ...words, ...names].join(', ')} FROM (${conformed})`
}

/** A row of which a fault hides whether it belongs stays, as a reject: leaving it out would make it a delete. */
export function filterOf(cells: readonly Cell[], faults: readonly Fault[], { where, cursor }: ConformOptions): string {
  const kept = (condition: string) => `(${condition} OR (${faultyRow(faults)} AND (${condition}) IS NULL))`
  const conditions: string[] = []
  if (where !== undefined) conditions.push(kept(`(${where})`))
  if (cursor !== undefined) {
    const index = cells.findIndex(({ conforming }) => conforming.to.name === cursor.column)
    conditions.push(`("=${index}" IS NULL OR ${kept(atLeast(cells[index], `"+${index}"`, cursor.from))})`)
  }
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
}

function atLeast(cell: Cell | undefined, expression: string, from: string): string {
  if (!cell) throw new Error('the cursor is not among the columns')
  const { to } = cell.conforming
  if (heldOf(cell.conforming) === 'native') return `${expression} >= ${exactCast(literal(from), to.type) ?? literal(from)}`
  // As floating point two numbers may become one, which only reads some rows again.
  if (to.type.kind === 'decimal') return `TRY_CAST(${expression} AS DOUBLE) >= TRY_CAST(${literal(from)} AS DOUBLE)`
  return `CASE WHEN ${expression} IS NOT NULL THEN ${orderOfText(expression, to)} >= ${orderOfText(literal(from), to)} END`
}

function badPredicate(thrown: unknown): ConfigError | undefined {
  const cause = thrown instanceof RunError && thrown.cause instanceof Error ? thrown.cause.message : ''
  if (!/^(Binder|Parser|Catalog|Conversion) Error/.test(cause)) return undefined
  const [message = ''] = cause.split('\n')
  return new ConfigError({
    code: 'BAD_WHERE',
    message: `the stage cannot evaluate the predicate: ${message.replace(/'[^']*'/g, '…')}`,
    hint: 'here `where` and `scope` are DuckDB SQL over the target’s columns',
    cause: thrown,
  })
}

interface Faulty {
  readonly rows: number
  /** In the order of the faults. */
  readonly byFault: readonly number[]
}

async function countFaulty(engine: Engine, table: string, faults: readonly Fault[]): Promise<Faulty> {
  if (faults.length === 0) return { rows: 0, byFault: [] }
  const byFault = faults.map((_, position) => `count(*) FILTER (${hasFault(position)})`)
  const [counts = []] = await engine.texts(`SELECT count(*), ${byFault.join(', ')} FROM ${identifier(table)} WHERE ${faulty(faults)}`)
  const [rows = 0, ...each] = counts.map(Number)
  return { rows, byFault: each }
}

interface Overflowing {
  readonly cells: readonly Cell[]
  readonly faults: readonly Fault[]
  readonly faulty: Faulty
}

/** Columns with cells that are values of their type and yet do not fit DuckDB. */
async function overflowing(engine: Engine, table: string, { cells, faults, faulty }: Overflowing): Promise<readonly string[]> {
  const names: string[] = []
  for (const [position, fault] of faults.entries()) {
    const cell = cells[fault.index]
    if (fault.reason !== 'value' || !faulty.byFault[position] || !cell?.mayFail || heldOf(cell.conforming) === 'text') continue
    const { trusted, judge } = cell.conforming
    const texts = `SELECT original[${fault.index + 1}] FROM ${identifier(table)} WHERE ${hasFault(position)}`
    if (trusted || (judge && (await takesAny(engine, texts, judge)))) names.push(fault.column)
  }
  return names
}
