/** Where the walk over a COPY's messages hands what it finds. */
export interface CopyReader {
  /** Rows, many messages in one buffer that is the taker's to keep. */
  chunk(rows: Buffer): void
  /** Bytes of a message that may come between rows (a notice, a setting that changed), perhaps a part of it. */
  aside(bytes: Buffer): void
}

const chunkBytes = 256 * 1024
const headerBytes = 5

const copyOutResponse = 'H'.charCodeAt(0)
const copyData = 'd'.charCodeAt(0)
const asides: ReadonlySet<number> = new Set(['N', 'S', 'A'].map((kind) => kind.charCodeAt(0)))

/**
 * Walks what a server sends during a `COPY … TO STDOUT`. There is a message a row, so nothing is made for each: its body is
 * copied next to those before it, once. Messages may be cut anywhere, also within their headers.
 * Source: PostgreSQL's documentation, "Message Formats" and "COPY Operations".
 */
export class CopyMessages {
  readonly #reader: CopyReader
  /** The header of a message that came in parts. */
  readonly #header = Buffer.alloc(headerBytes)
  #headerSize = 0
  #kind = 0
  /** Bytes of the message at hand that are still to come. */
  #left = 0
  #chunk: Buffer = Buffer.alloc(0)
  #size = 0
  /** Rows are dropped: nobody reads them any more. */
  #discarding = false

  constructor(reader: CopyReader) {
    this.#reader = reader
  }

  /**
   * @returns what is no longer the walk's, from the message on that ends the rows: their end, or an error.
   * @throws Error where a message cannot be one.
   */
  read(bytes: Buffer): Buffer | undefined {
    let at = 0
    while (at < bytes.length) {
      if (this.#left === 0) {
        at = this.#readHeader(bytes, at)
        if (this.#kind === 0) return undefined
        if (!this.#isOurs()) return Buffer.concat([this.#headerAgain(), bytes.subarray(at)])
      }
      const end = Math.min(bytes.length, at + this.#left)
      this.#left -= end - at
      if (this.#kind === copyData) this.#keep(bytes, at, end)
      else if (this.#kind !== copyOutResponse) this.#reader.aside(bytes.subarray(at, end))
      at = end
    }
    return undefined
  }

  /** Hands over the rows of a chunk that is not full. */
  flush(): void {
    const rows = this.#chunk.subarray(0, this.#size)
    this.#chunk = Buffer.alloc(0)
    this.#size = 0
    if (rows.length > 0) this.#reader.chunk(rows)
  }

  /** From now on rows are dropped. */
  discard(): void {
    this.#discarding = true
    this.#chunk = Buffer.alloc(0)
    this.#size = 0
  }

  /** @returns where the message's body begins; `#kind` is 0 while its header is not whole. */
  #readHeader(bytes: Buffer, at: number): number {
    if (this.#headerSize === 0 && bytes.length - at >= headerBytes) {
      this.#begin(bytes[at] ?? 0, bytes.readUInt32BE(at + 1))
      return at + headerBytes
    }
    const taken = bytes.copy(this.#header, this.#headerSize, at, at + headerBytes - this.#headerSize)
    this.#headerSize += taken
    this.#kind = 0
    if (this.#headerSize < headerBytes) return bytes.length
    this.#headerSize = 0
    this.#begin(this.#header[0] ?? 0, this.#header.readUInt32BE(1))
    return at + taken
  }

  /** A message's length counts itself and not its kind. */
  #begin(kind: number, length: number): void {
    if (length < 4) throw new Error('the server sent a message that cannot be one')
    this.#kind = kind
    this.#left = length - 4
  }

  #isOurs(): boolean {
    if (this.#kind === copyData || this.#kind === copyOutResponse) return true
    if (!asides.has(this.#kind)) return false
    this.#reader.aside(this.#headerAgain())
    return true
  }

  #headerAgain(): Buffer {
    const header = Buffer.alloc(headerBytes)
    header[0] = this.#kind
    header.writeUInt32BE(this.#left + 4, 1)
    return header
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    if (this.#discarding) return
    for (let at = from; at < to; ) {
      if (this.#size === this.#chunk.length) this.#renew()
      const copied = bytes.copy(this.#chunk, this.#size, at, to)
      this.#size += copied
      at += copied
    }
  }

  #renew(): void {
    this.flush()
    this.#chunk = Buffer.allocUnsafeSlow(chunkBytes)
  }
}
