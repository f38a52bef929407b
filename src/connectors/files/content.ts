import { open } from 'node:fs/promises'
import { PassThrough, Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { handOver } from '../../core/handed-over.ts'
import { fileError, malformed } from './file-errors.ts'
import type { Compression } from './format.ts'
import type { Located } from './locate.ts'
import { unzstd } from './zstd-frames.ts'

/** How bytes of a file become text. */
export interface Encoded {
  readonly compression: Compression
  /** A label that `TextDecoder` knows; `utf-8` is passed on as it is, to be checked by whoever reads it. */
  readonly encoding: string
}

const chunkSize = 1 << 20

/** The bytes of a file as they lie, in chunks of 1 MiB that the reader may keep. */
export async function* rawBytes(file: Located, signal: AbortSignal, start = 0): AsyncGenerator<Uint8Array> {
  try {
    await using handle = await open(file.path)
    for (let position = start; ; ) {
      signal.throwIfAborted()
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(chunkSize), 0, chunkSize, position)
      if (bytesRead === 0) return
      position += bytesRead
      yield handOver(bytesRead === chunkSize ? buffer : buffer.subarray(0, bytesRead))
    }
  } catch (thrown) {
    throw fileError(thrown, file.name)
  }
}

/** The bytes of a file, decompressed. @throws RunError where the compressed data is cut short or damaged. */
export async function* unpackedBytes(file: Located, compression: Compression, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const bytes = rawBytes(file, signal)
  if (compression === 'none') return yield* bytes
  try {
    yield* compression === 'zstd' ? unzstd(bytes) : gunzip(bytes)
  } catch (thrown) {
    throw fileError(thrown, file.name)
  }
}

/**
 * The text of a file as UTF-8, without a byte order mark.
 * @throws RunError where the file is cut short, damaged, or not in the encoding (only UTF-8 itself is left to the reader).
 */
export async function* utf8Bytes(file: Located, { compression, encoding }: Encoded, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const bytes = unpackedBytes(file, compression, signal)
  yield* isUtf8Label(encoding) ? withoutMark(bytes) : transcoded(bytes, encoding, file)
}

/** The bytes as they come out of `transform`; what goes wrong on either side of it is thrown. */
export async function* through(bytes: AsyncIterable<Uint8Array>, transform: Transform): AsyncGenerator<Uint8Array> {
  const out = new PassThrough({ highWaterMark: chunkSize })
  const done = pipeline(Readable.from(bytes, { objectMode: false }), transform, out)
  done.catch(() => {})
  yield* out
  await done
}

export function isUtf8Label(encoding: string): boolean {
  return new TextDecoder(encoding).encoding === 'utf-8'
}

/** The size of a UTF-8 byte order mark at the beginning of `head`. */
function markSize(head: Uint8Array): number {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0
}

function gunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  return through(bytes, createGunzip({ chunkSize: 1 << 18 }))
}

async function* withoutMark(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of bytes) {
    if (!head) {
      yield chunk
      continue
    }
    head = Buffer.concat([head, chunk])
    if (head.length < 3) continue
    yield head.subarray(markSize(head))
    head = undefined
  }
  if (head && head.length > 0) yield head
}

async function* transcoded(bytes: AsyncIterable<Uint8Array>, encoding: string, file: Located): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  const decode = (chunk?: Uint8Array) => {
    try {
      return Buffer.from(chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode())
    } catch {
      throw malformed(
        { file: file.name, line },
        `expected text in ${encoding}, found bytes that are none`,
        'name the right one by `encoding:`',
      )
    }
  }
  let line = 1
  for await (const chunk of bytes) {
    const text = decode(chunk)
    line += newlines(text)
    yield text
  }
  yield decode()
}

function newlines(text: Uint8Array): number {
  let count = 0
  for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) count++
  return count
}
