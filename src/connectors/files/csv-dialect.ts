/** How a CSV file is written. */
export interface Dialect {
  /** One ASCII character. */
  readonly delimiter: string
  /** One ASCII character, or empty where nothing is ever quoted. A quote within quotes is doubled. */
  readonly quote: string
}

/** The dialect of the `csv` form of rows. */
export const profile: Dialect = { delimiter: ',', quote: '"' }

export function isProfile({ delimiter, quote }: Dialect): boolean {
  return delimiter === profile.delimiter && quote === profile.quote
}

/** One field: its text, and whether it was quoted, which tells empty text from NULL. */
export interface Field {
  readonly text: string
  readonly quoted: boolean
}

export interface Head {
  readonly delimiter?: string
  readonly quote?: string
  /** Tab-separated by its name. */
  readonly tabs: boolean
}

/** Finds out the parts of the dialect that are not given from the beginning of a file. */
export function sniffDialect(head: string, given: Head): Dialect {
  const delimiters = given.delimiter === undefined ? (given.tabs ? ['\t'] : [',', ';', '\t', '|']) : [given.delimiter]
  const quotes = given.quote === undefined ? ['"', "'"] : [given.quote]
  let best = { dialect: { delimiter: delimiters[0] ?? ',', quote: quotes[0] ?? '"' }, score: -1 }
  for (const quote of quotes) {
    for (const delimiter of delimiters) {
      if (delimiter === quote) continue
      const dialect = { delimiter, quote }
      const score = fitness(parseHead(head, dialect), dialect)
      if (score > best.score) best = { dialect, score }
    }
  }
  return best.dialect
}

/**
 * Whether the first record of a file holds names. It does unless it looks like the rows below it: some column has a value
 * there of the very kind that all its values are, and none has a text above values.
 */
export function sniffHeader(head: string, dialect: Dialect): boolean {
  const [first = [], ...rows] = parseHead(head, dialect)
  const columns = first.map(({ text }, index) =>
    compareWithRows(
      text,
      rows.map((fields) => fields[index]?.text ?? ''),
    ),
  )
  return columns.includes('name') || !columns.includes('value')
}

/** What the first cell of a column is, by those below it. */
function compareWithRows(first: string, below: readonly string[]): 'name' | 'value' | 'either' {
  const kinds = new Set(below.filter((text) => text !== '').map(kindOf))
  const [kind] = kinds
  if (kinds.size !== 1 || kind === undefined || kind === 'text') return 'either'
  return kindOf(first) === kind ? 'value' : 'name'
}

function kindOf(text: string): string {
  return kinds.find(([, pattern]) => pattern.test(text.trim()))?.[0] ?? 'text'
}

const kinds: readonly (readonly [string, RegExp])[] = [
  // Years stand in headers as often as in rows, so they are a kind of their own.
  ['year', /^(1[89]|20)\d\d$/],
  ['integer', /^[+-]?\d+$/],
  ['number', /^[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?%?$/],
  ['date', /^\d{4}-\d\d?-\d\d?$|^\d\d?[./]\d\d?[./]\d{2,4}$/],
  ['timestamp', /^\d{4}-\d\d?-\d\d?[ T]\d.*$/],
  ['boolean', /^(true|false|t|f)$/i],
]

/** Records of the beginning of a file; the last is left out where the text ends within it and there are others. Blank lines are skipped. */
export function parseHead(text: string, dialect: Dialect): readonly (readonly Field[])[] {
  const records: Field[][] = []
  let position = 0
  while (position < text.length && records.length < 500) {
    const { fields, next, closed } = parseRecord(text, position, dialect)
    position = next
    if (!closed && records.length > 0) break
    if (fields.length > 1 || fields[0]?.text !== '' || fields[0].quoted) records.push(fields)
  }
  return records
}

/** The share of records that have as many fields as the first, then how many those are; quotes count where they enclose fields. */
function fitness(records: readonly (readonly Field[])[], { quote }: Dialect): number {
  const width = records[0]?.length ?? 0
  if (width < 1) return 0
  const equal = records.filter((fields) => fields.length === width).length / records.length
  const enclosed = records.reduce((sum, fields) => sum + fields.filter((f) => f.quoted).length, 0)
  const several = width > 1 ? 1 : 0
  return several * (equal * 1000 + Math.min(width, 100) / 10) + (enclosed > 0 ? 1 : 0) + (quote === '"' ? 0.5 : 0)
}

interface Parsed {
  readonly fields: Field[]
  readonly next: number
  /** Whether the record ended by a newline. */
  readonly closed: boolean
}

function parseRecord(text: string, start: number, { delimiter, quote }: Dialect): Parsed {
  const fields: Field[] = []
  let position = start
  for (;;) {
    const field = parseField(text, position, delimiter, quote)
    fields.push(field)
    position = field.next
    const end = text[position]
    if (end === delimiter) {
      position++
      continue
    }
    if (end === undefined) return { fields, next: position, closed: false }
    return { fields, next: position + (end === '\r' && text[position + 1] === '\n' ? 2 : 1), closed: true }
  }
}

function parseField(text: string, start: number, delimiter: string, quote: string): Field & { readonly next: number } {
  let open = start
  while (text[open] === ' ') open++
  if (quote !== '' && text[open] === quote) return parseQuoted(text, open + 1, delimiter, quote)
  let end = start
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end++
  return { text: text.slice(start, end), quoted: false, next: end }
}

function parseQuoted(text: string, start: number, delimiter: string, quote: string): Field & { readonly next: number } {
  let end = text.indexOf(quote, start)
  while (end >= 0 && text[end + 1] === quote) end = text.indexOf(quote, end + 2)
  if (end < 0) return { text: text.slice(start), quoted: true, next: text.length }
  const content = text.slice(start, end).replaceAll(quote + quote, quote)
  let next = end + 1
  while (next < text.length && text[next] !== delimiter && text[next] !== '\n' && text[next] !== '\r') next++
  return { text: content, quoted: true, next }
}
