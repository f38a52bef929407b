import { once } from 'node:events'
import { createZstdDecompress } from 'node:zlib'

/**
 * Decompresses zstd data of any number of frames. Node's own stream stops after the first frame of a chunk without a word
 * (measured with Node 24), and would drop what parallel compressors or appended files hold after it; so each frame, found
 * by its block headers (RFC 8878), gets a decompressor of its own.
 * @throws errors with the codes of zlib where the data is cut short or damaged.
 */
export async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = new Bytes(chunks)
  let frames = 0
  try {
    while (!(await input.ended())) {
      yield* frame(input)
      frames++
    }
    if (frames === 0) throw cutShort()
  } finally {
    await input.close()
  }
}

/** One frame, or nothing for a skippable one. */
async function* frame(input: Bytes): AsyncGenerator<Uint8Array> {
  const magic = await input.take(4)
  const number = magic.readUInt32LE()
  if (number >>> 4 === 0x184d2a5) {
    for (let left = (await input.take(4)).readUInt32LE(); left > 0; ) left -= (await input.some(left)).length
    return
  }
  if (number !== 0xfd2fb528) throw damaged()
  yield* decompressed(withMagic(magic, input))
}

async function* withMagic(magic: Buffer, input: Bytes): AsyncGenerator<Uint8Array> {
  yield magic
  const [descriptor] = await input.take(1)
  if (descriptor === undefined) throw cutShort()
  yield Buffer.of(descriptor)
  yield await input.take(headerSize(descriptor))
  for (let last = false; !last; ) {
    const header = await input.take(3)
    const bits = header.readUIntLE(0, 3)
    last = (bits & 1) === 1
    yield header
    // A block of type 1 is one byte to be repeated.
    const size = ((bits >> 1) & 3) === 1 ? 1 : bits >>> 3
    for (let left = size; left > 0; ) {
      const part = await input.some(left)
      left -= part.length
      yield part
    }
  }
  if (descriptor & 4) yield await input.take(4)
}

/** Bytes of the frame header after its descriptor: window, dictionary, content size. */
function headerSize(descriptor: number): number {
  const single = (descriptor >> 5) & 1
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0
  const content = [single, 2, 4, 8][descriptor >> 6] ?? 0
  return (single ? 0 : 1) + dictionary + content
}

async function* decompressed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createZstdDecompress({ chunkSize: 1 << 18 })
  const feeding = feed(stream, chunks)
  feeding.catch((thrown: Error) => stream.destroy(thrown))
  try {
    yield* stream
    await feeding
  } finally {
    stream.destroy()
  }
}

async function feed(stream: ReturnType<typeof createZstdDecompress>, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    if (stream.destroyed) return
    if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), once(stream, 'close')])
  }
  stream.end()
}

/** Takes bytes from chunks in portions of any size. */
class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array>
  #left: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  async ended(): Promise<boolean> {
    while (this.#left.length === 0) {
      const { done, value } = await this.#chunks.next()
      if (done) return true
      this.#left = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
    return false
  }

  /** At least one byte, at most `limit`. */
  async some(limit: number): Promise<Buffer> {
    if (await this.ended()) throw cutShort()
    const part = this.#left.subarray(0, limit)
    this.#left = this.#left.subarray(part.length)
    return part
  }

  async take(size: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let left = size; left > 0; ) {
      const part = await this.some(left)
      parts.push(part)
      left -= part.length
    }
    return Buffer.concat(parts)
  }
}

function cutShort(): Error {
  return Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' })
}

function damaged(): Error {
  return Object.assign(new Error('unknown frame'), { code: 'Z_DATA_ERROR' })
}
