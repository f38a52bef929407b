import { NotDirectError, RunError } from '../../core/errors.ts'
import { free } from '../../core/handed-over.ts'
import type { WriteForm } from './cells.ts'

/** What is done to the texts of one column on their way into `LOAD DATA`. */
export interface LoadColumn {
  readonly name: string
  readonly form: WriteForm['form']
  /** A NULL would become a number, the current time or another default without a word. */
  readonly required: boolean
}

/** Counts what went through, for the proof afterwards. */
export interface Sent {
  rows: number
}

const comma = 0x2c
const newline = 0x0a
const quote = 0x22
const plus = 0x2b
const zero = 0x30
const chunkBytes = 256 * 1024

/** A chunk may become this many times longer, `,,` being `,NULL,`, and a field this many bytes at its end. */
const growth = 5
const slack = 16

const largestSingle = Math.fround(3.4028234e38)

const bare = 0
const quoted = 1
/** After a quote inside a quoted field: its end, or the first of two that stand for one. */
const quoteSeen = 2

/**
 * CSV of the profile in `core/rows.ts` as `LOAD DATA … ENCLOSED BY '"' ESCAPED BY ''` reads it, where a bare `NULL` is NULL and an
 * empty field the empty text (MySQL manual, "LOAD DATA Statement"). All other bytes stay as they are.
 * @throws NotDirectError at a NULL in a column that must not have one.
 */
export async function* loadText(chunks: AsyncIterable<Uint8Array>, columns: readonly LoadColumn[], sent: Sent): AsyncGenerator<Buffer> {
  const text = new LoadText(columns)
  for await (const chunk of chunks) {
    yield* text.take(chunk)
    free(chunk)
  }
  const last = text.end()
  if (last) yield last
  sent.rows = text.rows
}

class LoadText {
  readonly #columns: readonly LoadColumn[]
  #out = Buffer.allocUnsafeSlow(chunkBytes)
  #at = 0
  /** Where the field that is being copied begins in `#out`. */
  #field = 0
  #column = 0
  #state: number = bare
  rows = 0

  constructor(columns: readonly LoadColumn[]) {
    this.#columns = columns
  }

  *take(chunk: Uint8Array): Generator<Buffer> {
    let index = 0
    while (index < chunk.length) {
      const room = Math.floor((this.#out.length - this.#at - slack) / growth)
      if (room < 1) {
        const full = this.#turnOver()
        if (full) yield full
        continue
      }
      const limit = Math.min(chunk.length, index + room)
      this.#copy(chunk, index, limit)
      index = limit
    }
  }

  /** What is left. */
  end(): Buffer | undefined {
    if (this.#state === quoted) throw cutShort()
    if (this.#column > 0 || this.#at > this.#field) {
      this.#endField()
      this.#out[this.#at++] = newline
      this.rows += 1
    }
    return this.#at === 0 ? undefined : this.#out.subarray(0, this.#at)
  }

  /** Hands out what is complete; the field that is being copied moves to the next buffer. */
  #turnOver(): Buffer | undefined {
    const [out, field, at] = [this.#out, this.#field, this.#at]
    this.#out = Buffer.allocUnsafeSlow(Math.max(chunkBytes, 2 * (at - field) + chunkBytes))
    out.copy(this.#out, 0, field, at)
    this.#at = at - field
    this.#field = 0
    return field === 0 ? undefined : out.subarray(0, field)
  }

  #copy(chunk: Uint8Array, start: number, end: number): void {
    let index = start
    while (index < end) index = this.#state === quoted ? this.#copyQuoted(chunk, index, end) : this.#copyBare(chunk, index, end)
  }

  /** Up to the next quote and with it. @returns where it stopped. */
  #copyQuoted(chunk: Uint8Array, start: number, end: number): number {
    const out = this.#out
    let at = this.#at
    let index = start
    let byte = 0
    while (index < end && byte !== quote) {
      byte = chunk[index++] ?? 0
      out[at++] = byte
    }
    if (byte === quote) this.#state = quoteSeen
    this.#at = at
    return index
  }

  /** Up to the next quote and with it, over the ends of fields. @returns where it stopped. */
  #copyBare(chunk: Uint8Array, start: number, end: number): number {
    const out = this.#out
    let at = this.#at
    let index = start
    let byte = 0
    while (index < end && byte !== quote) {
      byte = chunk[index++] ?? 0
      if (byte === comma || byte === newline) {
        this.#at = at
        this.#pass(byte)
        at = this.#at
      }
      out[at++] = byte
    }
    if (byte === quote) this.#state = quoted
    this.#at = at
    return index
  }

  /** A field ends before this byte, and the next begins after it. */
  #pass(delimiter: number): void {
    this.#endField()
    this.#state = bare
    this.#field = this.#at + 1
    if (delimiter === comma) {
      this.#column += 1
      return
    }
    this.#column = 0
    this.rows += 1
  }

  #endField(): void {
    const column = this.#columns[this.#column]
    if (!column) throw tooManyFields(this.#columns.length)
    const [start, end] = [this.#field, this.#at]
    if (start === end) {
      if (column.required) throw nullIn(column)
      this.#at += this.#out.write('NULL', start, 'latin1')
      return
    }
    const { form } = column
    const enclosed = this.#state === quoteSeen ? 1 : 0
    if (form === 'plain') {
      if (end - start === 4 && this.#startsWithNull(start)) this.#rewrite('"NULL"')
    } else if (form === 'instant') this.#instant(end - enclosed, enclosed)
    else if (form === 'boolean') this.#boolean(start + enclosed, end - enclosed)
    else this.#single(start + enclosed, end - enclosed)
  }

  #startsWithNull(at: number): boolean {
    const out = this.#out
    return out[at] === 0x4e && out[at + 1] === 0x55 && out[at + 2] === 0x4c && out[at + 3] === 0x4c
  }

  /** Without the `+00` at its end. */
  #instant(end: number, enclosed: number): void {
    const out = this.#out
    if (out[end - 3] !== plus || out[end - 2] !== zero || out[end - 1] !== zero) return
    this.#at = end - 3
    if (enclosed === 1) out[this.#at++] = quote
  }

  #boolean(start: number, end: number): void {
    const word = this.#out.toString('latin1', start, end)
    if (word === 't' || word === 'true') this.#rewrite('1')
    else if (word === 'f' || word === 'false') this.#rewrite('0')
  }

  /** The shortest text of the largest float is a little more than that float, which the server would refuse. */
  #single(start: number, end: number): void {
    const number = Number(this.#out.toString('latin1', start, end))
    if (Math.abs(number) > largestSingle && Number.isFinite(Math.fround(number))) this.#rewrite(String(Math.fround(number)))
  }

  /** The field becomes another text. */
  #rewrite(text: string): void {
    this.#at = this.#field + this.#out.write(text, this.#field, 'latin1')
  }
}

function nullIn({ name }: LoadColumn): NotDirectError {
  return new NotDirectError({ code: 'NOT_DIRECT', message: `column ${name} must not be NULL` })
}

function tooManyFields(expected: number): RunError {
  return new RunError({ code: 'COLUMN_MISMATCH', message: `a row has more cells than the ${expected} that were expected` })
}

function cutShort(): RunError {
  return new RunError({ code: 'READ_INCOMPLETE', message: 'the rows ended inside a text' })
}
