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
const chunkBytes = 256 * 1024

/** A chunk may become this many times longer, `,,` being `,NULL,`, and a field this many bytes at its end. */
const growth = 5
const slack = 16

const largestSingle = Math.fround(3.4028234e38)

const atStart = 0
const bare = 1
const quoted = 2
/** After a quote inside a quoted field: its end, or the first of two that stand for one. */
const quoteSeen = 3

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
  #state: number = atStart
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
    const out = this.#out
    let at = this.#at
    let state = this.#state
    for (let index = start; index < end; index++) {
      const byte = chunk[index] ?? 0
      if (state === quoted) {
        if (byte === quote) state = quoteSeen
      } else if (byte === comma || byte === newline) {
        this.#at = at
        this.#state = state
        this.#pass(byte)
        at = this.#at
        state = atStart
      } else if (byte === quote) state = quoted
      else state = bare
      out[at++] = byte
    }
    this.#at = at
    this.#state = state
  }

  /** A field ends before this byte, and the next begins after it. */
  #pass(delimiter: number): void {
    this.#endField()
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
    if (column.form === 'plain') {
      if (end - start === 4 && this.#out.toString('latin1', start, end) === 'NULL') this.#rewrite('"NULL"')
      return
    }
    const enclosed = this.#state === quoteSeen ? 1 : 0
    if (column.form === 'boolean') this.#boolean(start + enclosed, end - enclosed)
    else if (column.form === 'single') this.#single(start + enclosed, end - enclosed)
    else if (this.#out.toString('latin1', Math.max(start, end - enclosed - 3), end - enclosed) === '+00') {
      this.#at -= 3
      if (enclosed === 1) this.#out[this.#at - 1] = quote
    }
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
