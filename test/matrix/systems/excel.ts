import { readFileSync, writeFileSync } from 'node:fs'
import type { World } from '../../e2e/world.ts'
import { escaped, xlsx } from '../../files/book.ts'
import { unzipped } from '../../files/rich-book.ts'
import { columnName, type FoundTable, type MatrixSystem, type OpenSystem, own, type Sample, type SampleTable, sample } from '../system.ts'

const short = { rare: false, without: ['x'.repeat(70_000)] }

/** Number formats by the kind of a sample. */
const formats = ['General', 'yyyy-mm-dd', 'yyyy-mm-dd hh:mm:ss.000', 'hh:mm:ss.000', '0.00%']

export const excel: MatrixSystem = {
  id: 'excel',
  title: 'Excel',
  target: true,
  samples: [
    own('number, whole', 'bigint', '0', '-20', '999999999999999'),
    own('number with a point', 'decimal(38,10)', '1.5', '-0.05', '0.1', '123456789.012345'),
    own('percentage', 'decimal(18,3)', '0.25', '1', '0.005'),
    sample('TRUE, FALSE', 'boolean'),
    sample('text', 'text', short),
    own('date', 'date', '1900-03-01', '2000-02-29', '9999-12-31'),
    own('time', 'time(6)', '00:00:00', '12:00:00.5', '23:59:59.999'),
    own('date and time', 'timestamp(6)', '1969-12-31 23:59:59.999', '2024-03-31 02:30:00'),
  ],
  open: async (world) => new ExcelFolder(world),
}

class ExcelFolder implements OpenSystem {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  get connection() {
    return { type: 'files', path: this.#world.folder }
  }

  object(name: string): string {
    return `${name}.xlsx`
  }

  async create(name: string, { samples, rows }: SampleTable): Promise<void> {
    const head = ['id', ...samples.map((_, index) => columnName(index))].map((text, at) => textCell(text, `${letter(at)}1`))
    const lines = rows.map(({ id, sample: at, text }, line) => {
      const one = samples[at]
      const cell = text === null || !one ? '' : cellOf(one, text, `${letter(at + 1)}${line + 2}`)
      return `<row r="${line + 2}"><c r="A${line + 2}"><v>${id}</v></c>${cell}</row>`
    })
    const book = await xlsx({ sheets: { Types: `<row r="1">${head.join('')}</row>${lines.join('')}` }, styles: formats })
    writeFileSync(this.#world.path(this.object(name)), book)
  }

  async read(name: string): Promise<FoundTable> {
    const parts = unzipped(readFileSync(this.#world.path(this.object(name))))
    return parseSheet(parts['xl/worksheets/sheet1.xml'] ?? '', stylesOf(parts['xl/styles.xml'] ?? ''))
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function cellOf({ name, type }: Sample, text: string, at: string): string {
  const style = { date: 1, timestamp: 2, time: 3 }[type.kind as string] ?? (name === 'percentage' ? 4 : 0)
  switch (type.kind) {
    case 'text':
      return textCell(text, at)
    case 'boolean':
      return `<c r="${at}" t="b"><v>${text === 'true' ? 1 : 0}</v></c>`
    case 'date':
    case 'time':
    case 'timestamp':
      return `<c r="${at}" s="${style}"><v>${serialOf(text)}</v></c>`
    default:
      return `<c r="${at}" s="${style}"><v>${text}</v></c>`
  }
}

function textCell(text: string, at: string): string {
  // XML has no way to write these; ECMA-376 (ST_Xstring) has.
  const isBare = (one: string) => one >= ' ' || one === '\t' || one === '\n'
  const code = (one: string) => `_x${one.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}_`
  const spelled = [...text].map((one) => (isBare(one) ? one : code(one))).join('')
  return `<c r="${at}" t="inlineStr"><is><t xml:space="preserve">${escaped(spelled)}</t></is></c>`
}

const epoch = Date.UTC(1899, 11, 30)
const dayMilliseconds = 86_400_000

function serialOf(text: string): number {
  const moment = text.length > 12 ? text.replace(' ', 'T') : text.includes(':') ? `1899-12-30T${text}` : `${text}T00:00:00`
  return (Date.parse(`${moment}Z`) - epoch) / dayMilliseconds
}

/** What the number format of each style says a number is. */
function stylesOf(xml: string): readonly string[] {
  const codes = new Map([...xml.matchAll(/<numFmt numFmtId="(\d+)" formatCode="([^"]*)"/g)].map(([, id, code]) => [id, code ?? '']))
  const [, cells = ''] = /<cellXfs[^>]*>(.*?)<\/cellXfs>/s.exec(xml) ?? []
  return [...cells.matchAll(/<xf [^>]*?numFmtId="(\d+)"/g)].map(([, id = '0']) => kindOf(codes.get(id) ?? ownCodes[id] ?? ''))
}

/** Of Excel's own formats those with dates and times (ECMA-376, 18.8.30). */
const ownCodes: Readonly<Record<string, string>> = { 14: 'yyyy', 21: 'hh', 22: 'yyyy hh' }

function kindOf(code: string): string {
  const [date, time] = [/y/i.test(code), /h/i.test(code)]
  return date && time ? 'date and time' : date ? 'date' : time ? 'time' : 'number'
}

function parseSheet(xml: string, styles: readonly string[]): FoundTable {
  const rows = [...xml.matchAll(/<row [^>]*?>(.*?)<\/row>/gs)].map(([, cells = '']) => parseRow(cells, styles))
  const [head = new Map(), ...lines] = rows
  const places = [...head].map(([place, { text }]) => ({ place, name: text }))
  const columns = places.map(({ place, name }) => {
    const kinds = new Set(lines.flatMap((line) => line.get(place)?.kind ?? []))
    return { name, type: [...kinds].sort().join(', ') || 'empty' }
  })
  return { columns, rows: lines.map((line) => places.map(({ place }) => line.get(place)?.text ?? null)) }
}

interface SheetCell {
  readonly kind: string
  readonly text: string
}

function parseRow(xml: string, styles: readonly string[]): ReadonlyMap<string, SheetCell> {
  const cells = xml.matchAll(/<c r="([A-Z]+)\d+"(?: s="(\d+)")?(?: t="(\w+)")?(?:\/>|>(.*?)<\/c>)/gs)
  return new Map(
    [...cells].map(([, place = '', style = '0', type = 'n', content = '']) => [
      place,
      sheetCell(type, content, styles[Number(style)] ?? 'number'),
    ]),
  )
}

function sheetCell(type: string, content: string, kind: string): SheetCell {
  const [, value = ''] = /<(?:v|t)[^>]*>(.*?)<\/(?:v|t)>/s.exec(content) ?? []
  if (type === 'inlineStr' || type === 'str') return { kind: 'text', text: textOf(value) }
  if (type === 'b') return { kind: 'TRUE, FALSE', text: value === '1' ? 'true' : 'false' }
  if (kind === 'number') return { kind, text: value }
  const moment = new Date(epoch + Math.round(Number(value) * dayMilliseconds)).toISOString().replace('T', ' ').replace('Z', '')
  return { kind, text: kind === 'date' ? moment.slice(0, 10) : kind === 'time' ? moment.slice(11) : moment }
}

function textOf(xml: string): string {
  const unescaped = xml.replace(/&(lt|gt|quot|apos|amp|#\d+|#x[\da-f]+);/gi, (_, name: string) => entity(name))
  return unescaped.replace(/_x([\da-f]{4})_/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

function entity(name: string): string {
  const named = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }[name]
  if (named !== undefined) return named
  return String.fromCodePoint(/^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)))
}

function letter(column: number): string {
  return column < 26 ? String.fromCharCode(65 + column) : `${letter(Math.floor(column / 26) - 1)}${letter(column % 26)}`
}
