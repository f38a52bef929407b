import { createGzip, createZstdCompress } from 'node:zlib'
import type { Column } from '../../core/table.ts'
import { through, utf8Bytes } from './content.ts'
import type { Cells } from './csv-cells.ts'
import { isProfile } from './csv-dialect.ts'
import { CsvEncoder, type CsvStyle } from './csv-encode.ts'
import { CsvSource } from './csv-source.ts'
import { sniffEncodingOf } from './encoding.ts'
import type { Incoming } from './incoming.ts'
import { JsonEncoder } from './json-encode.ts'
import type { Target } from './target.ts'
import { textEncoder } from './text-encode.ts'

/** A whole CSV, JSON or NDJSON file of these rows, in the target's encoding and compression. */
export function wholeFile(target: Target, incoming: Incoming): AsyncIterable<Uint8Array> {
  return packed(target, target.format === 'csv' ? wholeCsv(target, incoming) : wholeJson(target, incoming))
}

/** The file as it is, and these rows after its own. */
export function extendedFile(target: Target, incoming: Incoming, signal: AbortSignal): AsyncIterable<Uint8Array> {
  if (target.format === 'csv') return packed(target, extendedCsv(target, incoming, signal))
  return packed(target, extendedJson(target, incoming, signal))
}

/** The columns of the file after an append: its own, then those that it lacks. */
export function extendedColumns(target: Target, columns: readonly Column[]): readonly Column[] {
  const former = target.former?.source.columns ?? []
  return [...former, ...columns.filter(({ name }) => !former.some((c) => c.name === name))]
}

async function* wholeCsv(target: Target, incoming: Incoming): AsyncGenerator<Uint8Array> {
  const style = styleOf(target)
  const encoder = new CsvEncoder(style, names(incoming.rows.columns))
  if (target.header) yield Buffer.from(encoder.header())
  if (isPlain(style)) yield* incoming.bytes()
  else yield* records(incoming.cells(), (cells) => encoder.record(cells))
}

async function* extendedCsv(target: Target, incoming: Incoming, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const source = target.former?.source
  if (!(source instanceof CsvSource) || source.columns.length === 0) return yield* wholeCsv(target, incoming)
  const { newlines } = await source.facts()
  const style: CsvStyle = { ...styleOf(target), newline: newlines[0] === 'crlf' ? '\r\n' : '\n' }
  const columns = extendedColumns(target, incoming.rows.columns)
  const encoder = new CsvEncoder(style, names(columns))
  const align = aligned(incoming.rows.columns, columns)
  if (columns.length === source.columns.length) {
    yield* endedByNewline(utf8Bytes(source.head.file, source.head, signal), style.newline)
  } else {
    // The header changes and with it every line.
    if (target.header) yield Buffer.from(encoder.header())
    const missing = Array.from({ length: columns.length - source.columns.length }, () => null)
    yield* records(source.cells(), (cells) => encoder.record([...cells, ...missing]))
  }
  if (isPlain(style) && !align) yield* incoming.bytes()
  else yield* records(incoming.cells(), (cells) => encoder.record(align ? align(cells) : cells))
}

async function* wholeJson(target: Target, incoming: Incoming): AsyncGenerator<Uint8Array> {
  const encoder = new JsonEncoder(incoming.rows.columns)
  if (target.format === 'ndjson') return yield* records(incoming.cells(), (cells) => `${encoder.record(cells)}\n`)
  yield Buffer.from('[')
  yield* elements(encoder, incoming, true)
  yield Buffer.from('\n]\n')
}

async function* extendedJson(target: Target, incoming: Incoming, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const [file] = target.former?.dataset.files ?? []
  if (!target.former || !file) return yield* wholeJson(target, incoming)
  const compression = target.compression
  const former = utf8Bytes(file, { compression, encoding: await sniffEncodingOf(file, compression, target.options, signal) }, signal)
  const encoder = new JsonEncoder(incoming.rows.columns)
  if (target.format === 'ndjson') {
    yield* endedByNewline(former, '\n')
    return yield* records(incoming.cells(), (cells) => `${encoder.record(cells)}\n`)
  }
  yield* withoutClosingBracket(former)
  yield* elements(encoder, incoming, (await target.former.source.count()) === 0)
  yield Buffer.from('\n]\n')
}

function elements(encoder: JsonEncoder, incoming: Incoming, first: boolean): AsyncGenerator<Uint8Array> {
  let begin = first ? '\n' : ',\n'
  return records(incoming.cells(), (cells) => {
    const element = begin + encoder.record(cells)
    begin = ',\n'
    return element
  })
}

async function* records(batches: AsyncIterable<readonly Cells[]>, write: (cells: Cells) => string): AsyncGenerator<Uint8Array> {
  for await (const batch of batches) if (batch.length > 0) yield Buffer.from(batch.map(write).join(''))
}

/** Puts cells that come in another order, or lack some columns, in the order of the file; `undefined` where nothing is to be done. */
function aligned(from: readonly Column[], to: readonly Column[]): ((cells: Cells) => Cells) | undefined {
  if (from.length === to.length && from.every((column, index) => column.name === to[index]?.name)) return undefined
  const positions = to.map(({ name }) => from.findIndex((column) => column.name === name))
  return (cells) => positions.map((position) => cells[position] ?? null)
}

async function* endedByNewline(bytes: AsyncIterable<Uint8Array>, newline: string): AsyncGenerator<Uint8Array> {
  let last: number | undefined
  for await (const chunk of bytes) {
    last = chunk.at(-1) ?? last
    yield chunk
  }
  if (last !== undefined && last !== 10 && last !== 13) yield Buffer.from(newline)
}

/** A JSON array of objects, proved to be one, up to the end of its last object. */
async function* withoutClosingBracket(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of bytes) {
    const all = Buffer.concat([held, chunk])
    const end = all.toString('latin1').search(/[\s\]]*$/)
    yield all.subarray(0, end)
    held = all.subarray(end)
  }
}

async function* packed({ encoding, mark, compression, ref }: Target, text: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bytes = textEncoder(encoding, ref.name)(mark ? marked(text) : text)
  if (compression === 'none') yield* bytes
  else yield* through(bytes, compression === 'gzip' ? createGzip() : createZstdCompress())
}

async function* marked(text: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from('\ufeff')
  yield* text
}

function styleOf({ dialect, options }: Target): CsvStyle {
  return { dialect, newline: '\n', nulls: options.nulls ?? [''] }
}

/** Whether the profile's bytes can be written as they are. */
function isPlain({ dialect, newline, nulls }: CsvStyle): boolean {
  return isProfile(dialect) && newline === '\n' && nulls.length === 1 && nulls[0] === ''
}

function names(columns: readonly Column[]): readonly string[] {
  return columns.map((column) => column.name)
}
