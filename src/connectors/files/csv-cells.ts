import type { Dialect } from './csv-dialect.ts'

/** Cells of one record: text, or `null` for NULL. */
export type Cells = readonly (string | null)[]

/**
 * The records of CSV whose structure is proved, some thousand at a time.
 * @param chunks whole records each, ended by LF, as `scannedRows` gives them.
 * @param nulls unquoted texts that mean NULL.
 */
export async function* cellsOf(
  chunks: AsyncIterable<Uint8Array>,
  dialect: Dialect,
  nulls: readonly string[],
): AsyncGenerator<readonly Cells[]> {
  for await (const chunk of chunks) {
    yield recordsOf(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('utf8'), dialect, nulls)
  }
}

function recordsOf(text: string, dialect: Dialect, nulls: readonly string[]): readonly Cells[] {
  const records: Cells[] = []
  let cells: (string | null)[] = []
  const fields = new Fields(text, dialect, nulls)
  while (!fields.ended) {
    cells.push(fields.next())
    if (!fields.endsRecord) continue
    records.push(cells)
    cells = []
  }
  return records
}

/** Walks the fields of a text one by one. Searching for whole characters is many times as fast as looking at each. */
class Fields {
  readonly #text: string
  readonly #delimiter: string
  readonly #quote: string
  readonly #nulls: readonly string[]
  #at = 0
  #newline = -1
  #nextDelimiter = -1
  /** Whether the field that was read last ends its record. */
  endsRecord = false

  constructor(text: string, { delimiter, quote }: Dialect, nulls: readonly string[]) {
    this.#text = text
    this.#delimiter = delimiter
    this.#quote = quote
    this.#nulls = nulls
  }

  get ended(): boolean {
    return this.#at >= this.#text.length
  }

  next(): string | null {
    const open = this.#quote === '' ? -1 : this.#withoutBlanks(this.#at)
    const cell = open >= 0 && this.#text[open] === this.#quote ? this.#quoted(open + 1) : this.#plain()
    this.endsRecord = this.#text[this.#at] !== this.#delimiter
    this.#at++
    return cell
  }

  #plain(): string | null {
    const start = this.#at
    if (this.#newline < start) this.#newline = this.#find('\n')
    if (this.#nextDelimiter < start) this.#nextDelimiter = this.#find(this.#delimiter)
    this.#at = Math.min(this.#nextDelimiter, this.#newline)
    const cell = this.#text.slice(start, this.#at)
    return this.#nulls.includes(cell) ? null : cell
  }

  #quoted(start: number): string {
    const quote = this.#quote
    let end = this.#text.indexOf(quote, start)
    while (this.#text[end + 1] === quote) end = this.#text.indexOf(quote, end + 2)
    this.#at = this.#withoutBlanks(end + 1)
    const content = this.#text.slice(start, end)
    return content.includes(quote) ? content.replaceAll(quote + quote, quote) : content
  }

  #withoutBlanks(from: number): number {
    let at = from
    if (this.#delimiter !== ' ') while (this.#text[at] === ' ') at++
    return at
  }

  #find(character: string): number {
    const found = this.#text.indexOf(character, this.#at)
    return found < 0 ? this.#text.length : found
  }
}
