import { randomUUID } from 'node:crypto'
import type { Relation, Rows } from '../../../core/rows.ts'
import type { Column } from '../../../core/table.ts'
import type { Type } from '../../../core/types.ts'
import { identifier } from '../../../duckdb/sql.ts'
import { checkNames, checkTyped } from '../columns.ts'
import { rawBytes } from '../content.ts'
import type { Dataset } from '../dataset.ts'
import { emptyRows } from '../empty.ts'
import { malformed } from '../file-errors.ts'
import type { Located } from '../locate.ts'
import { profileFiles, selectCsv } from '../read-csv.ts'
import { isWhole, type Source, type Wanted } from '../source.ts'
import { sizeOf } from '../stamp.ts'
import type { Workspace } from '../workspace.ts'
import { cellKinds, mixesDays, typeOfKinds } from './cell-kinds.ts'
import { type Converted, convertSheet } from './convert.ts'
import { openBook } from './open-book.ts'
import { selectArea } from './select-area.ts'

/**
 * Opens books as one dataset: reads the sheet of each to its end and keeps its rows as CSV in a temporary file, because what
 * its columns are is known only then: a sheet types its cells one by one.
 * @throws RunError where a file is no book, or its rows are not; ConfigError where a sheet or range is not there.
 */
export async function openExcel(dataset: Dataset, workspace: Workspace): Promise<Source> {
  const mark = `\ue000${randomUUID()}\ue000`
  const sheets: Converted[] = []
  for (const file of dataset.files) {
    await using book = await openBook(file, workspace)
    const sheet = await convertSheet(book, await selectArea(book, dataset.options), mark, workspace)
    checkSameNames(dataset.files, sheets[0], sheet, file)
    sheets.push(sheet)
  }
  return new ExcelSource(dataset, sheets, mark, workspace.signal)
}

/** One column of all sheets of a dataset. */
interface SheetColumn {
  readonly name: string
  /** Sums of `cellKinds`, of all sheets. */
  readonly kinds: number
  /** Where it lies in the records of each sheet; `undefined` where it has no values there. */
  readonly positions: readonly (number | undefined)[]
}

export class ExcelSource implements Source {
  readonly columns: readonly Column[]
  readonly #dataset: Dataset
  readonly #sheets: readonly Converted[]
  readonly #columns: readonly SheetColumn[]
  readonly #byName: ReadonlyMap<string, SheetColumn>
  readonly #mark: string
  readonly #signal: AbortSignal

  constructor(dataset: Dataset, sheets: readonly Converted[], mark: string, signal: AbortSignal) {
    this.#dataset = dataset
    this.#sheets = sheets
    this.#columns = columnsOf(sheets)
    this.#byName = new Map(this.#columns.map((column) => [column.name, column]))
    this.#mark = mark
    this.#signal = signal
    const names = this.#columns.map(({ name }) => name)
    checkTyped(dataset.name, checkNames(dataset.name, names), dataset.options)
    this.columns = this.#columns.map((column) => described(column, this.#told(column.name)))
  }

  /** Where the rows lie in the first of the books, for a writer of the same sheet. */
  get layout(): Pick<Converted, 'selection' | 'headerRow' | 'names' | 'formulas' | 'invalidCells'> | undefined {
    return this.#sheets[0]
  }

  get whyEmpty(): string | undefined {
    const { header, headerRows, range } = this.#dataset.options
    const sheet = this.#sheets.find(({ lastRow }) => lastRow > 0)
    if (this.columns.length > 0 || !sheet) return undefined
    const rows = headerRows && (headerRows.first === headerRows.last ? headerRows.first : `${headerRows.first}:${headerRows.last}`)
    const given = [...(rows === undefined ? [] : [`header: ${rows}`]), ...(range === undefined ? [] : [`range: ${range}`])]
    if (given.length === 0 || Array.isArray(header)) return undefined
    const options = given.map((option) => `\`${option}\``).join(' with ')
    return `the sheet \`${sheet.selection.sheet}\` has rows (the last one is row ${sheet.lastRow}), and ${options} finds neither names nor values there`
  }

  get estimate(): number {
    return this.#sheets.reduce((rows, { facts }) => rows + facts.rows, 0)
  }

  async count(): Promise<number> {
    return this.estimate
  }

  rows(wanted: Wanted): Rows {
    if (this.columns.length === 0) return emptyRows(wanted.columns)
    return {
      columns: wanted.columns.map((column) => this.#asRead(column)),
      ...(this.#isProfile(wanted) ? { csv: () => [this.#csv()] } : {}),
      relation: () => this.#relation(wanted),
    }
  }

  /** Every cell of a column that is told to be of a type, or has cells without a value, has to be judged. */
  #asRead(column: Column): Column {
    const invalid = ((this.#find(column.name)?.kinds ?? 0) & cellKinds.invalid) !== 0
    if (!invalid && this.#told(column.name) === undefined) return column
    const { name, nullable } = column
    return { name, type: { kind: 'text' }, nullable, untyped: true, ...(invalid ? { invalid: this.#mark } : {}) }
  }

  /** Whether the records as they lie are the rows that are wanted: a single column would leave it open whether a blank line is a row. */
  #isProfile(wanted: Wanted): boolean {
    if (this.columns.length < 2 || !isWhole(this.columns, wanted)) return false
    const plain = this.#columns.every(({ kinds, positions }, index) => {
      return (kinds & cellKinds.invalid) === 0 && !mixesDays(kinds) && positions.every((position) => position === index)
    })
    return plain && this.#sheets.every(({ names }) => names.length === this.columns.length)
  }

  async *#csv(): AsyncGenerator<Uint8Array> {
    for (const { path } of this.#sheets) yield* rawBytes({ path, name: this.#dataset.name }, this.#signal)
  }

  async #relation({ columns, limit }: Wanted): Promise<Relation> {
    const selects = this.#sheets.map((sheet, index) => this.#select(sheet, index, columns))
    const all = selects.join(' UNION ALL ')
    const sql = limit === undefined ? `(${all})` : `(SELECT * FROM (${all}) LIMIT ${limit})`
    return { sql, cells: 'text', bytes: await sizeOf(this.#sheets.map(({ path }) => path)), release: async () => {} }
  }

  #select({ path, names, facts }: Converted, index: number, wanted: readonly Column[]): string {
    const cells = names.map((_, position) => `p${position}`)
    const list = wanted.map(({ name }) => {
      const column = this.#find(name)
      const position = column?.positions[index]
      const cell = position === undefined ? 'NULL::VARCHAR' : `p${position}`
      return `${column && mixesDays(column.kinds) ? `if(length(${cell}) = 10, ${cell} || ' 00:00:00', ${cell})` : cell} AS ${identifier(name)}`
    })
    return `SELECT ${list.join(', ')} FROM ${selectCsv([profileFiles([path], facts)], cells, cells)}`
  }

  #find(name: string): SheetColumn | undefined {
    return this.#byName.get(name)
  }

  #told(name: string): Type | undefined {
    const { columns } = this.#dataset.options
    return Object.hasOwn(columns, name) ? columns[name] : undefined
  }
}

function described({ name, kinds }: SheetColumn, told: Type | undefined): Column {
  const type = told ?? typeOfKinds(kinds)
  return type ? { name, type, nullable: true } : { name, type: { kind: 'text' }, nullable: true, untyped: true }
}

function columnsOf(sheets: readonly Converted[]): readonly SheetColumn[] {
  const [first] = sheets
  const columns = (first?.names ?? []).flatMap((name) => (name === undefined ? [] : [name]))
  const places = sheets.map(({ names }) => new Map(names.map((name, position) => [name, position])))
  return columns.map((name) => {
    const positions = places.map((place) => place.get(name))
    const kinds = sheets.reduce((all, sheet, index) => all | (sheet.kinds[positions[index] ?? -1] ?? 0), 0)
    return { name, kinds, positions }
  })
}

function checkSameNames(files: readonly Located[], first: Converted | undefined, other: Converted, file: Located): void {
  if (!first) return
  const [a, b] = [first, other].map(({ names }) => names.filter((name) => name !== undefined))
  if (a?.join('\n') === b?.join('\n')) return
  const what = `expected the columns of ${files[0]?.name} in the same order, found ${b?.join(', ')}`
  throw malformed({ file: file.name }, what, 'books of one dataset have one header; name a narrower glob')
}
