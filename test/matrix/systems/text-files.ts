import { readFileSync, writeFileSync } from 'node:fs'
import type { World } from '../../e2e/world.ts'
import { columnName, type FoundTable, type MatrixSystem, type OpenSystem, own, type Sample, type SampleTable, sample } from '../system.ts'

const finite = { rare: false }

/** CSV has no types: what all cells of a column look like. */
export const csv: MatrixSystem = {
  id: 'csv',
  title: 'CSV',
  target: true,
  samples: [
    sample('whole numbers', 'bigint'),
    sample('longer whole numbers', 'ubigint'),
    sample('numbers with a point', 'decimal(38,10)'),
    sample('numbers of more than 38 digits', 'decimal(60,20)'),
    own('numbers with an exponent', 'decimal(20,3)', '1e3', '1.5E-2', '2'),
    own('codes with a leading zero', 'text', '007', '0', '1'),
    sample('true and false', 'boolean'),
    sample('dates', 'date', finite),
    sample('times', 'time(6)', finite),
    own('date and time', 'timestamp(6)', '1969-12-31 23:59:59.999999', '2024-03-31 02:30:00'),
    own('date, time and offset', 'timestamptz(6)', '1969-12-31 23:59:59.999999+00', '2024-11-03 05:30:00.000001+00'),
    sample('other texts', 'text'),
  ],
  open: async (world) => new TextFolder(world, 'csv', csvText, parseCsv),
}

const numbers: readonly Sample[] = [
  sample('number, whole', 'bigint'),
  sample('number, longer', 'ubigint'),
  sample('number with a point', 'decimal(38,10)'),
  sample('number of more than 38 digits', 'decimal(60,20)'),
  own('number with an exponent', 'decimal(20,3)', '1e3', '1.5E-2', '2'),
]

const jsonSamples: readonly Sample[] = [
  ...numbers,
  sample('true, false', 'boolean'),
  sample('string', 'text'),
  own('string, an ISO date', 'text', '2024-02-29', '0001-01-01'),
  own('object, array', 'json', '{"a":1.50}', '[]', '[1,{"b":null}]'),
  own('of several kinds', 'json', '{"a":1}', '[]', '"text"', '1'),
]

const noNull = { json: { null: null } }

export const json: MatrixSystem = {
  id: 'json',
  title: 'JSON',
  target: true,
  samples: jsonSamples,
  equates: noNull,
  forgetsTypes: true,
  open: async (world) => new TextFolder(world, 'json', (table) => `[${jsonLines(table).join(',\n')}]`, parseJson),
}

export const ndjson: MatrixSystem = {
  id: 'ndjson',
  title: 'NDJSON',
  target: true,
  samples: jsonSamples,
  equates: noNull,
  forgetsTypes: true,
  open: async (world) =>
    new TextFolder(
      world,
      'ndjson',
      (table) => `${jsonLines(table).join('\n')}\n`,
      (text) => parseJson(`[${text.trimEnd().split('\n').join(',')}]`),
    ),
}

class TextFolder implements OpenSystem {
  readonly #world: World
  readonly #ending: string
  readonly #write: (table: SampleTable) => string
  readonly #parse: (text: string) => FoundTable

  constructor(world: World, ending: string, write: (table: SampleTable) => string, parse: (text: string) => FoundTable) {
    this.#world = world
    this.#ending = ending
    this.#write = write
    this.#parse = parse
  }

  get connection() {
    return { type: 'files', path: this.#world.folder }
  }

  object(name: string): string {
    return `${name}.${this.#ending}`
  }

  async create(name: string, table: SampleTable): Promise<void> {
    writeFileSync(this.#world.path(this.object(name)), this.#write(table))
  }

  async read(name: string): Promise<FoundTable> {
    return this.#parse(readFileSync(this.#world.path(this.object(name)), 'utf8'))
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function csvText({ samples, rows }: SampleTable): string {
  const head = ['id', ...samples.map((_, index) => columnName(index))]
  const lines = rows.map(({ id, sample: at, text }) => {
    const cells = samples.map((_, index) => (index === at && text !== null ? `"${text.replaceAll('"', '""')}"` : ''))
    return [id, ...cells].join(',')
  })
  return `${[head.join(','), ...lines].join('\n')}\n`
}

/** RFC 4180; an empty field is NULL without quotes and the empty text with them. */
function parseCsv(text: string): FoundTable {
  const records: (string | null)[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    const cell = quoted === undefined ? plain || null : quoted.replaceAll('""', '"')
    records.at(-1)?.push(cell)
    if (end === '') break
    if (end !== ',') records.push([])
  }
  const [head = [], ...rows] = records.filter((record) => record.length > 1)
  return { columns: head.map((name) => ({ name: name ?? '', type: 'text' })), rows }
}

/** The rows as JSON objects. */
export function jsonLines({ samples, rows }: SampleTable): readonly string[] {
  return rows.map(({ id, sample: at, text }) => {
    const cells = samples.map((one, index) => `"${columnName(index)}":${index === at && text !== null ? jsonOf(one, text) : 'null'}`)
    return `{"id":${id},${cells.join(',')}}`
  })
}

function jsonOf({ type }: Sample, text: string): string {
  return type.kind === 'text' ? JSON.stringify(text) : text
}

/** What was read: the kind of a cell, and its text with every digit. */
interface JsonCell {
  readonly kind: string
  readonly text: string | null
}

/** Numbers keep the text that they were read from. */
function withSource(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' ? { number: context?.source ?? String(value) } : value
}

/** An array of objects: each column with the kinds of its cells. */
export function parseJson(text: string): FoundTable {
  const objects: readonly Readonly<Record<string, unknown>>[] = JSON.parse(text, withSource)
  const names = [...new Set(objects.flatMap((one) => Object.keys(one)))]
  const cells = objects.map((one) => names.map((name) => jsonCell(one[name])))
  const columns = names.map((name, at) => {
    const kinds = new Set(cells.flatMap((row) => (row[at]?.text == null ? [] : [row[at].kind])))
    return { name, type: [...kinds].sort().join(', ') || 'null' }
  })
  return { columns, rows: cells.map((row) => row.map(({ text }) => text)) }
}

function jsonCell(value: unknown): JsonCell {
  if (value === null || value === undefined) return { kind: 'null', text: null }
  if (isNumber(value)) return { kind: 'number', text: value.number }
  if (typeof value === 'object') return { kind: 'object, array', text: compactJson(value) }
  return { kind: typeof value === 'boolean' ? 'true, false' : 'string', text: String(value) }
}

function isNumber(value: unknown): value is { readonly number: string } {
  return typeof value === 'object' && value !== null && Object.keys(value).join() === 'number'
}

function compactJson(value: unknown): string {
  if (isNumber(value)) return value.number
  if (Array.isArray(value)) return `[${value.map(compactJson).join(',')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([name, one]) => `${JSON.stringify(name)}:${compactJson(one)}`)
      .join(',')}}`
  return JSON.stringify(value)
}
