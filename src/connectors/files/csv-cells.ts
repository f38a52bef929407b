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

function recordsOf(text: string, { delimiter, quote }: Dialect, nulls: readonly string[]): readonly Cells[] {
  const records: Cells[] = []
  let cells: (string | null)[] = []
  let lineEnd = -1
  let nextDelimiter = -1
  for (let at = 0; at < text.length; ) {
    const start = quote === '' ? -1 : quoteStart(text, at, quote, delimiter)
    let end: number
    if (start >= 0) {
      const closed = closingQuote(text, start, quote)
      cells.push(unquoted(text.slice(start, closed), quote))
      end = closed + 1
      while (text[end] === ' ' && delimiter !== ' ') end++
    } else {
      // Searching for whole characters is many times as fast as looking at each.
      if (lineEnd < at) lineEnd = indexFrom(text, '\n', at)
      if (nextDelimiter < at) nextDelimiter = indexFrom(text, delimiter, at)
      end = Math.min(nextDelimiter, lineEnd)
      const cell = text.slice(at, end)
      cells.push(nulls.includes(cell) ? null : cell)
    }
    if (text[end] !== delimiter) {
      records.push(cells)
      cells = []
    }
    at = end + 1
  }
  return records
}

function indexFrom(text: string, character: string, from: number): number {
  const found = text.indexOf(character, from)
  return found < 0 ? text.length : found
}

function unquoted(text: string, quote: string): string {
  return text.includes(quote) ? text.replaceAll(quote + quote, quote) : text
}

/** Where the text within quotes begins, or -1 for a field without them. */
function quoteStart(text: string, from: number, quote: string, delimiter: string): number {
  let at = from
  while (delimiter !== ' ' && text[at] === ' ') at++
  return text[at] === quote ? at + 1 : -1
}

function closingQuote(text: string, from: number, quote: string): number {
  let at = text.indexOf(quote, from)
  while (text[at + 1] === quote) at = text.indexOf(quote, at + 2)
  return at
}
