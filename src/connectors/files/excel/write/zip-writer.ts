import { crc32, createDeflateRaw } from 'node:zlib'
import { RunError } from '../../../../core/errors.ts'
import { through } from '../../content.ts'
import type { Entry } from '../zip.ts'

/** A part of a package to be written. */
export type Part =
  /** As it lies in another package. */
  | { readonly entry: Entry; readonly raw: AsyncIterable<Uint8Array> }
  /** Its content is asked for when all parts before it are written. */
  | { readonly name: string; content(): AsyncIterable<Uint8Array> }

interface Written {
  readonly name: Uint8Array
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly compressedSize: number
  readonly size: number
  /** Where it begins in the file. */
  readonly offset: number
}

/** A part with the position behind it. */
type Placed = Written & { readonly end: number }

/** Sizes follow the data. */
const streamed = 0x8
const utf8Names = 0x800
const deflated = 8
const version = 20
/** 1980-01-01, as Excel itself writes it: equal content gives equal files. */
const noDate = 0x21
const limit = 0xffffffff

/**
 * The bytes of a zip file of these parts, in their order (APPNOTE.TXT 6.3). No part is held in memory.
 * @throws RunError past 4 GiB: Excel reads no larger parts.
 */
export async function* zipped(parts: AsyncIterable<Part>, file: string): AsyncGenerator<Uint8Array> {
  const directory: Written[] = []
  let offset = 0
  for await (const part of parts) {
    const written = yield* 'entry' in part ? copied(part.entry, part.raw, offset) : packed(part.name, part.content(), offset)
    directory.push(written)
    offset = written.end
    if (offset > limit || directory.length >= 0xffff) throw tooLarge(file)
  }
  yield* end(directory, offset, file)
}

async function* copied(entry: Entry, raw: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array, Placed> {
  const { crc32: crc, size, compressedSize, method } = entry
  const written = { name: Buffer.from(entry.name), flags: utf8Names, method, crc, compressedSize, size, offset }
  const header = localHeader(written)
  yield header
  let copied = 0
  for await (const chunk of raw) {
    copied += chunk.length
    yield chunk
  }
  if (copied !== compressedSize) throw new Error(`${entry.name}: ${copied} bytes came in place of ${compressedSize}`)
  return { ...written, end: offset + header.length + copied }
}

async function* packed(name: string, content: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array, Placed> {
  const known = { name: Buffer.from(name), flags: utf8Names | streamed, method: deflated, offset }
  const header = localHeader({ ...known, crc: 0, compressedSize: 0, size: 0 })
  yield header
  let crc = 0
  let size = 0
  let compressedSize = 0
  async function* summed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      crc = crc32(chunk, crc)
      size += chunk.length
      yield chunk
    }
  }
  for await (const chunk of through(summed(), createDeflateRaw({ level: 4, chunkSize: 1 << 17 }))) {
    compressedSize += chunk.length
    if (size > limit || compressedSize > limit) throw tooLarge(name)
    yield chunk
  }
  const descriptor = Buffer.alloc(16)
  descriptor.writeUInt32LE(0x08074b50, 0)
  descriptor.writeUInt32LE(crc, 4)
  descriptor.writeUInt32LE(compressedSize, 8)
  descriptor.writeUInt32LE(size, 12)
  yield descriptor
  return { ...known, crc, compressedSize, size, end: offset + header.length + compressedSize + descriptor.length }
}

function localHeader({ name, flags, method, crc, compressedSize, size }: Written): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(version, 4)
  header.writeUInt16LE(flags, 6)
  header.writeUInt16LE(method, 8)
  header.writeUInt16LE(noDate, 12)
  header.writeUInt32LE(crc, 14)
  header.writeUInt32LE(compressedSize, 18)
  header.writeUInt32LE(size, 22)
  header.writeUInt16LE(name.length, 26)
  return Buffer.concat([header, name])
}

function* end(directory: readonly Written[], offset: number, file: string): Generator<Uint8Array> {
  let size = 0
  for (const written of directory) {
    const record = directoryRecord(written)
    size += record.length
    yield record
  }
  if (offset + size > limit) throw tooLarge(file)
  const record = Buffer.alloc(22)
  record.writeUInt32LE(0x06054b50, 0)
  record.writeUInt16LE(directory.length, 8)
  record.writeUInt16LE(directory.length, 10)
  record.writeUInt32LE(size, 12)
  record.writeUInt32LE(offset, 16)
  yield record
}

function directoryRecord({ name, flags, method, crc, compressedSize, size, offset }: Written): Buffer {
  const record = Buffer.alloc(46)
  record.writeUInt32LE(0x02014b50, 0)
  record.writeUInt16LE(version, 4)
  record.writeUInt16LE(version, 6)
  record.writeUInt16LE(flags, 8)
  record.writeUInt16LE(method, 10)
  record.writeUInt16LE(noDate, 14)
  record.writeUInt32LE(crc, 16)
  record.writeUInt32LE(compressedSize, 20)
  record.writeUInt32LE(size, 24)
  record.writeUInt16LE(name.length, 28)
  record.writeUInt32LE(offset, 42)
  return Buffer.concat([record, name])
}

function tooLarge(file: string): RunError {
  return new RunError({
    code: 'CANNOT_HOLD',
    message: `${file} would be larger than 4 GiB, which Excel does not open`,
    hint: 'leave columns or rows out, or write a format without such a limit: .csv, .parquet',
  })
}
