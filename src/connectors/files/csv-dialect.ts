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

/**
 * Finds out the parts of the dialect that are not given from the beginning of a file. Single quotes are apostrophes more
 * often than quotes, so they quote only where the file makes no sense otherwise or every name in its first line has them.
 */
export function sniffDialect(head: string, given: Head): Dialect {
  if (given.quote !== undefined) return bestDelimiter(head, given, given.quote).dialect
  const double = bestDelimiter(head, given, '"')
  const single = bestDelimiter(head, given, "'")
  if (single.enclosed && (single.namesEnclosed || (single.equal === 1 && double.equal < 1))) return single.dialect
  return double.dialect
}

/**
 * Whether the first record of a file holds names. It does unless it looks like the rows below it: some column has a value
 * there of the very kind that all its values are, and none has a text above values.
 */
export function sniffHeader(head: string, dialect: Dialect): boolean {
  const [first = [], ...rows] = parseHead(head, dialect)
  const columns = first.map((field, index) =>
    compareWithRows(
      field,
      rows.map((fields) => fields[index]).filter((below) => below !== undefined),
    ),
  )
  return columns.includes('name') || !columns.includes('value')
}

/** What the first cell of a column is, by those below it. Quotes that the values below do not have make it a name. */
function compareWithRows(first: Field, below: readonly Field[]): 'name' | 'value' | 'either' {
  const values = below.filter(({ text }) => text !== '')
  const kinds = new Set(values.map(({ text }) => kindOf(text)))
  const [kind] = kinds
  if (kinds.size !== 1 || kind === undefined || kind === 'text') return 'either'
  return kindOf(first.text) !== kind || (first.quoted && !values.some((field) => field.quoted)) ? 'name' : 'value'
}

/** Whether a name could be taken for a value, or for several, by those who read the file. */
export function isMisleading(name: string): boolean {
  return kindOf(name) !== 'text' || /[,;\t|']/.test(name)
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

interface Judged {
  readonly dialect: Dialect
  /** The share of records that have as many fields as the first. */
  readonly equal: number
  /** Whether some field is in quotes, and whether all names in the first record are. */
  readonly enclosed: boolean
  readonly namesEnclosed: boolean
}

/** The delimiter by which most records have as many fields as the first, which must have several; then the one that gives more. */
function bestDelimiter(head: string, given: Head, quote: string): Judged {
  const candidates = given.delimiter === undefined ? (given.tabs ? ['\t'] : [',', ';', '\t', '|']) : [given.delimiter]
  let best: Judged | undefined
  let most = -1
  for (const delimiter of candidates) {
    const records = parseHead(head, { delimiter, quote })
    const [first = []] = records
    const equal = records.length === 0 ? 0 : records.filter((fields) => fields.length === first.length).length / records.length
    const score = first.length > 1 ? equal * 1000 + Math.min(first.length, 100) / 10 : 0
    if (score <= most) continue
    most = score
    const enclosed = records.some((fields) => fields.some((field) => field.quoted))
    best = { dialect: { delimiter, quote }, equal, enclosed, namesEnclosed: first.length > 0 && first.every((field) => field.quoted) }
  }
  return best ?? { dialect: { delimiter: ',', quote }, equal: 0, enclosed: false, namesEnclosed: false }
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
