import { malformed, notUtf8 } from './file-errors.ts'
import { Utf8Proof } from './utf8-proof.ts'

const newline = 10
const quote = 34

/**
 * Counts the records of CSV in the profile (`core/rows.ts`) as it goes by, in chunks cut anywhere. It takes the profile at
 * its word: nothing but quotes and newlines is looked for, which costs a fifth of a walk through every field.
 */
export class CsvCount {
  rows = 0
  /** Bytes of the longest record. */
  longest = 0
  /** Some field holds a newline. */
  innerNewlines = false
  #quoted = false
  /** Where the record at hand begins, counted from the beginning of the chunk at hand. */
  #start = 0

  /** Whether a record or a field is open. */
  get open(): 'record' | 'quote' | undefined {
    if (this.#quoted) return 'quote'
    return this.#start < 0 ? 'record' : undefined
  }

  take(chunk: Buffer): void {
    let next = position(chunk, newline, 0)
    for (let at = 0; ; ) {
      const end = position(chunk, quote, at)
      next = this.#quoted ? this.#inner(chunk, next, end) : this.#ends(chunk, next, end)
      if (end === chunk.length) break
      // A quote that is written twice closes and opens again.
      this.#quoted = !this.#quoted
      at = end + 1
    }
    this.#start -= chunk.length
  }

  /** Counts the newlines from `next` on before `end`. @returns the first one after it. */
  #ends(chunk: Buffer, next: number, end: number): number {
    let at = next
    while (at < end) {
      this.rows++
      if (at + 1 - this.#start > this.longest) this.longest = at + 1 - this.#start
      this.#start = at + 1
      at = position(chunk, newline, at + 1)
    }
    return at
  }

  /** Passes the newlines within quotes. @returns the first one after `end`. */
  #inner(chunk: Buffer, next: number, end: number): number {
    if (next >= end) return next
    this.innerNewlines = true
    return position(chunk, newline, end)
  }
}

/** @returns the length where the byte does not come. */
function position(chunk: Buffer, byte: number, from: number): number {
  const at = chunk.indexOf(byte, from)
  return at < 0 ? chunk.length : at
}

/**
 * The same chunks, counted; the last record is ended by LF also where it came without.
 * @throws RunError where the text is not UTF-8, or ends within quotes.
 */
export async function* counted(chunks: AsyncIterable<Uint8Array>, count: CsvCount, file: string): AsyncGenerator<Uint8Array> {
  const proof = new Utf8Proof()
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (!proof.take(bytes)) throw notUtf8({ file, line: count.rows + 1 }, bytes)
    count.take(bytes)
    yield chunk
  }
  const line = count.rows + 1
  if (!proof.ended) throw notUtf8({ file, line }, new Uint8Array(0))
  if (count.open === 'quote') throw malformed({ file, line }, 'a quote opens a field here and is never closed')
  if (count.open === undefined) return
  const end = Buffer.of(newline)
  count.take(end)
  yield end
}
