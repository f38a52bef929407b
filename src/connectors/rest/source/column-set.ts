import { RunError } from '../../../core/errors.ts'
import type { Column } from '../../../core/table.ts'
import type { Type } from '../../../core/types.ts'
import { formatExact, isJsonNumber, type Json, type JsonObject } from './exact-json.ts'
import { PageError } from './page-reader.ts'

/** What cells of a column have been; `loose` is text of a format without types. */
const kinds = { text: 1, number: 2, boolean: 4, nested: 8, loose: 16 } as const

const mostColumns = 5_000

/** One cell of a record: NULL, a text after `t`, or the JSON of another value after `j`. */
export type SpooledCell = string | null

/** A column and everything that its cells have been, to be kept with the records. */
export type SeenColumn = readonly [name: string, kinds: number]

/** The columns of rows that name their own fields, in the order in which they came up. */
export class ColumnSet {
  readonly #declared: Readonly<Record<string, Type>>
  /** Whether texts are of a format without types. */
  readonly #index = new Map<string, number>()
  readonly #kinds: number[] = []

  /** @param declared types that are told; these columns are there even where no row has them. */
  constructor(declared: Readonly<Record<string, Type>>, seen: readonly SeenColumn[] = []) {
    this.#declared = declared
    for (const [name, kind] of seen) this.#kinds[this.#add(name)] = kind
  }

  get seen(): readonly SeenColumn[] {
    return [...this.#index].map(([name, index]) => [name, this.#kinds[index] ?? 0])
  }

  /** A row as one record. @throws PageError where a text is no Unicode, or nobody would have so many columns. */
  record(row: JsonObject, loose: boolean): readonly SpooledCell[] {
    const cells: SpooledCell[] = []
    for (const [name, value] of Object.entries(row)) {
      const index = this.#index.get(name) ?? this.#add(name)
      while (cells.length <= index) cells.push(null)
      cells[index] = this.#cell(index, value, loose)
    }
    return cells
  }

  /**
   * The columns as far as they have come up. Numbers are left to the target or to inference, which is exact (rule 9); text
   * stays text, so that "007" is none; what is nested, or mixed with it, is JSON.
   * @param subject for messages.
   * @throws RunError where two names differ in case only.
   */
  columns(subject: string): readonly Column[] {
    for (const name of Object.keys(this.#declared)) if (!this.#index.has(name)) this.#add(name)
    const names = [...this.#index.keys()]
    refuseAlike(subject, names)
    return names.map((name) => this.#column(name))
  }

  /** The text of a cell: canonical, or of a column without a type. */
  texts(): (cell: SpooledCell, index: number) => string | null {
    const isJson = [...this.#index.keys()].map((name) => this.#isJson(name))
    return (cell, index) => {
      if (cell === null) return null
      const text = cell.slice(1)
      return cell.startsWith('t') && isJson[index] ? JSON.stringify(text) : text
    }
  }

  #column(name: string): Column {
    const seen = this.#kinds[this.#index.get(name) ?? -1] ?? 0
    const column = { name, nullable: true }
    const told = Object.hasOwn(this.#declared, name) ? this.#declared[name] : undefined
    // Its cells have not been seen to have this type.
    if (told && told.kind !== 'json') return { ...column, type: told, untyped: true }
    if (this.#isJson(name)) return { ...column, type: { kind: 'json' }, mergesNull: true }
    if (seen === kinds.boolean) return { ...column, type: { kind: 'boolean' } }
    const untyped = seen === 0 || seen === kinds.number || seen === kinds.loose
    return { ...column, type: { kind: 'text' }, ...(untyped ? { untyped } : {}) }
  }

  #isJson(name: string): boolean {
    const told = Object.hasOwn(this.#declared, name) ? this.#declared[name] : undefined
    return told ? told.kind === 'json' : ((this.#kinds[this.#index.get(name) ?? -1] ?? 0) & kinds.nested) !== 0
  }

  #add(name: string): number {
    if (name === '') throw new PageError('expected every field to have a name, found an empty one')
    if (this.#index.size >= mostColumns) {
      const hint = 'are names of fields values? Keep them in one column: leave `flatten` out, or name another path in `rows`'
      throw new PageError(`expected rows of at most ${mostColumns} fields in all, found more`, { hint })
    }
    this.#kinds.push(0)
    this.#index.set(name, this.#kinds.length - 1)
    return this.#kinds.length - 1
  }

  #cell(index: number, value: Json, loose: boolean): SpooledCell {
    if (value === null) return null
    const kind = kindOf(value, loose)
    this.#kinds[index] = (this.#kinds[index] ?? 0) | kind
    if (typeof value !== 'string') return `j${formatExact(value)}`
    if (!value.isWellFormed()) throw new PageError('expected Unicode text, found half of a surrogate pair')
    return `t${value}`
  }
}

function kindOf(value: Exclude<Json, null>, loose: boolean): number {
  if (typeof value === 'string') return loose ? kinds.loose : kinds.text
  if (typeof value === 'boolean') return kinds.boolean
  return isJsonNumber(value) ? kinds.number : kinds.nested
}

function refuseAlike(subject: string, names: readonly string[]): void {
  const seen = new Map<string, string>()
  for (const name of names) {
    const other = seen.get(name.toLowerCase())
    if (other !== undefined)
      throw new RunError({
        code: 'COLUMN_TWICE',
        message: `${subject}: the fields \`${other}\` and \`${name}\` differ in case only; expected every column to have a name of its own`,
        hint: 'ask the API for other fields, by `params` for example',
      })
    seen.set(name.toLowerCase(), name)
  }
}
