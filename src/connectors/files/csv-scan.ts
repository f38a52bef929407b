import { isUtf8 } from 'node:buffer'
import { free, handOver } from '../../core/handed-over.ts'
import type { Dialect } from './csv-dialect.ts'
import { malformed, notUtf8 } from './file-errors.ts'

/** What was seen of a CSV file by walking it to its end. */
export interface CsvFacts {
  readonly rows: number
  /** Bytes of the longest record. */
  readonly longest: number
  /** The kinds of newline between records. */
  readonly newlines: readonly Newline[]
  /** Some field holds a newline. */
  readonly innerNewlines: boolean
  /** Blank lines come before the first record. */
  readonly blankStart: boolean
  /** Some unquoted field has a quote in it, which not every reader takes for itself. */
  readonly loose: boolean
  /** Some quotes have blanks around them, which belong to no field. */
  readonly padded: boolean
}

export type Newline = 'lf' | 'crlf' | 'cr'

export interface CsvScanOptions {
  /** The file as messages call it. */
  readonly file: string
  readonly dialect: Dialect
  /** Fields that every record must have. */
  readonly fields: number
  /** Whether the first record holds names. */
  readonly header: boolean
  /** Stops after so many rows. */
  readonly limit?: number
}

const delimiterClass = 1
const lfClass = 2
const crClass = 3
const quoteClass = 4

/**
 * Walks CSV record by record and proves its structure: RFC 4180 with any newline, blank lines left out where a record has
 * several fields, and two liberties that files take: a quote within an unquoted field stands for itself, blanks around
 * quotes are dropped. DuckDB alone is not enough: it drops an empty field too many, reads a truncated archive to the cut, and
 * guesses where threads begin (all measured with 1.5.6).
 */
export class CsvScan {
  readonly #options: CsvScanOptions
  readonly #classes = new Uint8Array(256)
  readonly #quote: number
  readonly #blank: number
  /** Physical line at which the next record begins, from 1. */
  #line = 1
  #innerLines = 0
  #headerPending: boolean
  #begun = false
  #rows = 0
  #longest = 0
  #lf = false
  #crlf = false
  #cr = false
  #innerNewlines = false
  #blankStart = false
  #loose = false
  #padded = false
  #openLine: number | undefined
  /** Triples: from, to, whether a newline takes the place. */
  #edits: number[] = []

  constructor(options: CsvScanOptions) {
    this.#options = options
    const { delimiter, quote } = options.dialect
    this.#quote = quote === '' ? -1 : quote.charCodeAt(0)
    this.#blank = delimiter === ' ' ? -1 : 32
    this.#headerPending = options.header
    this.#classes[10] = lfClass
    this.#classes[13] = crClass
    this.#classes[delimiter.charCodeAt(0)] = delimiterClass
    if (this.#quote >= 0) this.#classes[this.#quote] = quoteClass
  }

  get facts(): CsvFacts {
    return {
      rows: this.#rows,
      longest: this.#longest,
      newlines: [
        ...(this.#lf ? (['lf'] as const) : []),
        ...(this.#crlf ? (['crlf'] as const) : []),
        ...(this.#cr ? (['cr'] as const) : []),
      ],
      innerNewlines: this.#innerNewlines,
      blankStart: this.#blankStart,
      loose: this.#loose,
      padded: this.#padded,
    }
  }

  /** Whether the limit is reached. */
  get done(): boolean {
    return this.#rows === this.#options.limit
  }

  /** Whether the header was met, where one is due. */
  get complete(): boolean {
    return !this.#headerPending
  }

  /**
   * Walks the whole records at the beginning of `bytes`, which begins with a record.
   * @param last whether the file ends here.
   * @returns where the first record begins that does not end within `bytes`.
   * @throws RunError naming the line where the structure breaks.
   */
  walk(bytes: Uint8Array, last: boolean): number {
    this.#edits = []
    const line = this.#line
    const end = this.#records(bytes, last)
    const walked = bytes.subarray(0, end)
    if (!isUtf8(walked)) throw notUtf8({ file: this.#options.file, line }, walked)
    return end
  }

  /** The rows that were just walked, without header, blank lines and blanks around quotes, records ended by LF: a view where nothing had to change. */
  rows(bytes: Uint8Array, end: number): Uint8Array {
    const edits = this.#edits
    if (edits.length === 0) return bytes.subarray(0, end)
    const out = Buffer.allocUnsafeSlow(end)
    let size = 0
    let kept = 0
    for (let e = 0; e < edits.length; e += 3) {
      const from = edits[e] ?? 0
      out.set(bytes.subarray(kept, from), size)
      size += from - kept
      if (edits[e + 2]) out[size++] = 10
      kept = edits[e + 1] ?? 0
    }
    out.set(bytes.subarray(kept, end), size)
    return out.subarray(0, size + end - kept)
  }

  /** What is wrong with bytes that are left over at the end of the file. */
  unfinished(): Error {
    const at = { file: this.#options.file, line: this.#openLine ?? this.#line }
    return malformed(at, 'a quote opens a field here and is never closed', 'is the file complete? Where it quotes nothing, say `quote: ""`')
  }

  #records(bytes: Uint8Array, last: boolean): number {
    let start = 0
    while (start < bytes.length && !this.done) {
      const next = this.#recordAt(bytes, start, last)
      if (next < 0) break
      start = next
    }
    this.#forget(start)
    return start
  }

  /** @returns where the next record begins, or -1 where this one does not end within `bytes`. */
  #recordAt(bytes: Uint8Array, start: number, last: boolean): number {
    const classes = this.#classes
    const size = bytes.length
    let at = start
    let field = start
    let fields = 1
    this.#innerLines = 0
    for (;;) {
      at = nextSpecial(bytes, classes, at)
      if (at >= size) return -1
      const found = classes[bytes[at] ?? 0]
      if (found === delimiterClass) {
        fields++
        field = ++at
      } else if (found === quoteClass) {
        at = this.#quoteAt(bytes, at, field)
      } else {
        return this.#close(bytes, start, at, fields, last)
      }
    }
  }

  /** @returns where to go on after a quote, which is the end of `bytes` where its field does not end before. */
  #quoteAt(bytes: Uint8Array, at: number, field: number): number {
    for (let before = field; before < at; before++) {
      if (bytes[before] === this.#blank) continue
      this.#loose = true
      return at + 1
    }
    this.#pad(field, at)
    const closed = this.#closingQuote(bytes, at + 1)
    if (closed < 0) return bytes.length
    let next = closed + 1
    while (bytes[next] === this.#blank) next++
    this.#pad(closed + 1, next)
    if (next >= bytes.length) return next
    const found = this.#classes[bytes[next] ?? 0]
    if (found === delimiterClass || found === lfClass || found === crClass) return next
    throw malformed(
      this.#here(),
      'expected a delimiter or the end of the line after a closing quote, found more text',
      'a quote within quotes is written twice',
    )
  }

  #pad(from: number, to: number): void {
    if (from === to) return
    this.#padded = true
    this.#edits.push(from, to, 0)
  }

  #closingQuote(bytes: Uint8Array, from: number): number {
    const quote = this.#quote
    const size = bytes.length
    this.#openLine = this.#line + this.#innerLines
    for (let at = from; at < size; at++) {
      const byte = bytes[at]
      if (byte === quote) {
        if (bytes[at + 1] !== quote) return at + 1 < size ? at : -1
        at++
      } else if (byte === 10 || (byte === 13 && bytes[at + 1] !== 10)) {
        this.#innerLines++
        this.#innerNewlines = true
      }
    }
    return -1
  }

  /** @returns where the next record begins, or -1 where an LF may follow that is not there yet. */
  #newlineAt(bytes: Uint8Array, at: number, last: boolean): number {
    if (bytes[at] === 10) {
      this.#lf = true
      return at + 1
    }
    if (at + 1 >= bytes.length && !last) return -1
    const both = bytes[at + 1] === 10
    if (both) this.#crlf = true
    else this.#cr = true
    this.#edits.push(at, at + 1, both ? 0 : 1)
    return at + (both ? 2 : 1)
  }

  /** A line ends at `at`: a record, or nothing where it is blank and a record has several fields. */
  #close(bytes: Uint8Array, start: number, at: number, fields: number, last: boolean): number {
    const next = this.#newlineAt(bytes, at, last)
    if (next < 0) return -1
    if (at === start && (this.#options.fields > 1 || this.#headerPending)) this.#blankLine(start, next)
    else this.#record(start, next, fields)
    this.#line += 1 + this.#innerLines
    this.#openLine = undefined
    return next
  }

  #blankLine(start: number, next: number): void {
    if (!this.#begun) this.#blankStart = true
    this.#cut(start, next)
  }

  #record(start: number, next: number, fields: number): void {
    if (fields !== this.#options.fields) throw this.#wrongCount(fields)
    this.#begun = true
    if (next - start > this.#longest) this.#longest = next - start
    if (this.#headerPending) {
      this.#headerPending = false
      this.#cut(start, next)
    } else {
      this.#rows++
    }
  }

  /** Leaves out a whole line. */
  #cut(start: number, next: number): void {
    this.#forget(start)
    this.#edits.push(start, next, 0)
  }

  /** Edits from `start` on are void. */
  #forget(start: number): void {
    while (this.#edits.length > 0 && (this.#edits[this.#edits.length - 3] ?? 0) >= start) this.#edits.length -= 3
  }

  #wrongCount(fields: number): Error {
    const { fields: expected } = this.#options
    return malformed(
      this.#here(),
      `expected ${expected} ${expected === 1 ? 'field' : 'fields'}, found ${fields}`,
      'nothing was taken from this file; correct the line, or name the right `delimiter:` and `quote:`',
    )
  }

  #here(): { readonly file: string; readonly line: number } {
    return { file: this.#options.file, line: this.#line }
  }
}

/** The loop in which nearly all of the time goes, by itself so that it is compiled well. */
function nextSpecial(bytes: Uint8Array, classes: Uint8Array, from: number): number {
  const size = bytes.length
  let at = from
  while (at < size && classes[bytes[at] ?? 0] === 0) at++
  return at
}

/**
 * The rows of a CSV file as it goes through `scan`: header and blank lines left out, records ended by LF, the last one too.
 * @param chunks the file's text from its beginning, as UTF-8 without a byte order mark.
 */
export async function* scannedRows(chunks: AsyncIterable<Uint8Array>, scan: CsvScan): AsyncGenerator<Uint8Array> {
  for await (const { bytes, end } of wholeRecords(chunks, scan)) {
    const rows = scan.rows(bytes, end)
    if (rows.length > 0) yield rows
  }
}

/** Walks a CSV file to its end and keeps nothing. */
export async function scanned(chunks: AsyncIterable<Uint8Array>, scan: CsvScan): Promise<CsvFacts> {
  for await (const { bytes } of wholeRecords(chunks, scan)) free(bytes)
  return scan.facts
}

async function* wholeRecords(
  chunks: AsyncIterable<Uint8Array>,
  scan: CsvScan,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly end: number }> {
  let left: Uint8Array = new Uint8Array(0)
  let waiting: Uint8Array[] = []
  let waitingSize = 0
  for await (const chunk of chunks) {
    waiting.push(chunk)
    waitingSize += chunk.length
    // A record longer than a chunk is looked at again only when as much again has come, so that its cost stays linear.
    if (waitingSize < left.length) continue
    const bytes = left.length === 0 && waiting.length === 1 ? chunk : joined([left, ...waiting])
    waiting = []
    waitingSize = 0
    const end = scan.walk(bytes, false)
    left = Buffer.from(bytes.subarray(end))
    yield { bytes, end }
    if (scan.done) return
  }
  const bytes = ended(Buffer.concat([left, ...waiting]))
  const end = scan.walk(bytes, true)
  yield { bytes, end }
  if (end < bytes.length && !scan.done) throw scan.unfinished()
}

/** One chunk in place of several, which are freed. */
function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = handOver(Buffer.concat(chunks))
  for (const chunk of chunks) free(chunk)
  return bytes
}

/** The last record may lack its newline. */
function ended(bytes: Buffer): Buffer {
  const last = bytes.at(-1)
  return last === undefined || last === 10 || last === 13 ? bytes : Buffer.concat([bytes, Buffer.of(10)])
}
