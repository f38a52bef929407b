import type { Column } from '../../core/table.ts'
import type { Type } from '../../core/types.ts'
import type { Newline } from './csv-scan.ts'
import { malformed } from './file-errors.ts'
import { type JsonKind, type JsonSink, jsonKinds } from './json-scan.ts'
import type { FileOptions } from './options.ts'

/** How the cells of a column are written: the text of scalars, or JSON throughout. */
export type JsonForm = 'text' | 'json'

export interface JsonColumn {
  readonly name: string
  readonly form: JsonForm
}

const bufferSize = 1 << 20
/** Bytes up to which a loop is faster than a call. */
const shortCell = 40

/**
 * Turns JSON rows into records of the `csv` profile. Columns are all names in the order in which they first come up; a
 * name that is missing, or null, is NULL.
 */
export class JsonTable implements JsonSink {
  readonly #file: string
  readonly #names: string[]
  readonly #forms: JsonForm[]
  readonly #index = new Map<string, number>()
  /** The bytes of each name, to know it again without decoding it. */
  readonly #nameBytes: Uint8Array[] = []
  readonly #kinds: number[]
  readonly #json: ReadonlySet<string>
  #late = false
  #rows = 0
  /** Counts rows that were begun; one that is cut off by the end of the bytes is begun again. */
  #begun = 0
  #longest = 0
  #innerNewlines = false
  // Of the row under way: where each cell begins and ends, what it is, and the row that it belongs to.
  #source: Uint8Array = new Uint8Array(0)
  readonly #from: number[] = []
  readonly #to: number[] = []
  readonly #kind: JsonKind[] = []
  readonly #row: number[] = []
  #likely = 0
  #out = Buffer.allocUnsafeSlow(bufferSize)
  #size = 0
  #full: Uint8Array[] = []

  /**
   * @param columns what is known from an earlier pass; others may come up.
   * @param json names of columns that are JSON throughout.
   */
  constructor(file: string, columns: readonly JsonColumn[], json: ReadonlySet<string>) {
    this.#file = file
    this.#names = columns.map((c) => c.name)
    this.#forms = columns.map((c) => c.form)
    this.#kinds = columns.map(() => 0)
    this.#json = json
    for (const [index, name] of this.#names.entries()) this.#index.set(name, index)
  }

  get names(): readonly string[] {
    return this.#names
  }

  get facts(): { readonly rows: number; readonly longest: number; readonly innerNewlines: boolean; readonly newlines: readonly Newline[] } {
    return { rows: this.#rows, longest: this.#longest, innerNewlines: this.#innerNewlines, newlines: ['lf'] }
  }

  /** The columns as the next pass has to take them, or `undefined` where what was written is right. */
  revised(): readonly JsonColumn[] | undefined {
    const columns = this.#names.map((name, index) => ({ name, form: this.#forms[index] ?? 'text' }))
    const right = columns.map(({ name, form }, index) => ({ name, form: isMixed(this.#kinds[index] ?? 0) ? ('json' as const) : form }))
    return this.#late || right.some((c, index) => c.form !== columns[index]?.form) ? right : undefined
  }

  /**
   * Numbers are left to the target or to inference, which is exact (rule 9); text stays text, so that "007" is none; what is
   * nested, or mixed with it, is JSON.
   */
  columns({ columns }: FileOptions): readonly Column[] {
    return this.#names.map((name, index) => {
      const given = Object.hasOwn(columns, name) ? columns[name] : undefined
      return given ? columnOf(name, given) : this.#seen(name, index)
    })
  }

  #seen(name: string, index: number): Column {
    const kinds = this.#kinds[index] ?? 0
    if (this.#forms[index] === 'json' || kinds === jsonKinds.nested) return columnOf(name, { kind: 'json' })
    if (kinds === jsonKinds.boolean) return columnOf(name, { kind: 'boolean' })
    if (kinds === 0) return { ...columnOf(name, { kind: 'text' }), untyped: true, mergesNull: true }
    return { ...columnOf(name, { kind: 'text' }), ...(kinds === jsonKinds.number ? { untyped: true } : {}) }
  }

  begin(bytes: Uint8Array): void {
    this.#source = bytes
    this.#begun++
    this.#likely = 0
  }

  member(nameFrom: number, nameTo: number, from: number, to: number, kind: JsonKind): boolean {
    const index = this.#column(nameFrom, nameTo)
    if (this.#row[index] === this.#begun) return false
    this.#row[index] = this.#begun
    this.#from[index] = from
    this.#to[index] = to
    this.#kind[index] = kind
    this.#likely = index + 1
    return true
  }

  end(): void {
    const start = this.#size + this.#fullSize()
    const width = this.#names.length
    for (let index = 0; index < width; index++) {
      if (index > 0) this.#byte(44)
      if (this.#row[index] === this.#begun) this.#cell(index)
    }
    this.#byte(10)
    this.#rows++
    this.#longest = Math.max(this.#longest, this.#size + this.#fullSize() - start)
  }

  /** What was written since the last call. */
  take(everything = false): readonly Uint8Array[] {
    if (everything && this.#size > 0) this.#flush()
    const full = this.#full
    this.#full = []
    return full
  }

  #column(from: number, to: number): number {
    const likely = this.#nameBytes[this.#likely]
    if (likely && sameBytes(likely, this.#source, from, to)) return this.#likely
    const name = this.#decoded(from, to)
    const known = this.#index.get(name)
    const index = known ?? this.#names.length
    if (known === undefined) {
      this.#names.push(name)
      this.#forms.push(this.#json.has(name) ? 'json' : 'text')
      this.#kinds.push(0)
      this.#index.set(name, index)
      if (this.#rows > 0) this.#late = true
    }
    this.#nameBytes[index] ??= this.#source.slice(from, to)
    return index
  }

  #cell(index: number): void {
    const kind = this.#kind[index] ?? jsonKinds.null
    if (kind === jsonKinds.null) return
    this.#kinds[index] = (this.#kinds[index] ?? 0) | (kind === jsonKinds.escaped ? jsonKinds.string : kind)
    const from = this.#from[index] ?? 0
    const to = this.#to[index] ?? 0
    if (this.#forms[index] === 'json' || kind === jsonKinds.nested) this.#quoted(utf8(this.#source, from, to))
    else if (kind === jsonKinds.escaped) this.#quoted(this.#decoded(from, to))
    // A JSON text without escapes is a CSV field in quotes as it stands; numbers and booleans are plain fields.
    else this.#bytes(this.#source, from, to)
  }

  #quoted(text: string): void {
    if (/[\r\n]/.test(text)) this.#innerNewlines = true
    const field = Buffer.from(`"${text.replaceAll('"', '""')}"`)
    this.#bytes(field, 0, field.length)
  }

  #decoded(from: number, to: number): string {
    const text: unknown = JSON.parse(utf8(this.#source, from, to))
    if (typeof text === 'string' && text.isWellFormed()) return text
    throw malformed({ file: this.#file }, `row ${this.#rows + 1}: expected Unicode text, found half of a surrogate pair`)
  }

  #bytes(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from
    if (this.#size + length > this.#out.length) this.#flush(length)
    if (length > shortCell) {
      this.#out.set(bytes.subarray(from, to), this.#size)
      this.#size += length
    } else {
      for (let at = from; at < to; at++) this.#out[this.#size++] = bytes[at] ?? 0
    }
  }

  #byte(byte: number): void {
    if (this.#size === this.#out.length) this.#flush()
    this.#out[this.#size++] = byte
  }

  #flush(least = 0): void {
    if (this.#size > 0) this.#full.push(this.#out.subarray(0, this.#size))
    this.#out = Buffer.allocUnsafeSlow(Math.max(bufferSize, least))
    this.#size = 0
  }

  #fullSize(): number {
    let size = 0
    for (const chunk of this.#full) size += chunk.length
    return size
  }
}

function columnOf(name: string, type: Type): Column {
  return { name, type, nullable: true, ...(type.kind === 'json' ? { mergesNull: true } : {}) }
}

/** Scalars beside nested values: only JSON tells them apart. */
function isMixed(kinds: number): boolean {
  return (kinds & jsonKinds.nested) !== 0 && kinds !== jsonKinds.nested
}

function sameBytes(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[from + i]) return false
  return true
}

function utf8(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8')
}
