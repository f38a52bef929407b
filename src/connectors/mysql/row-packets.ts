import { free, handOver } from '../../core/handed-over.ts'
import type { PacketParser, QueryUnderWay, Wire } from './wire.ts'

/** Bytes before the payload of a packet: its length, three bytes, and its number (MySQL manual, "MySQL Packets"). */
const headerBytes = 4
/** A payload of this length goes on in the next packet. */
const continued = 0xff_ff_ff
/** What begins a packet that is no row: an error, or the end where its payload is that short. */
const errorMark = 0xff
const endMark = 0xfe
const longestEnd = 8

/** Takes a row whose cells lie from `start` to `end`, and keeps nothing of it. */
export type TakeRow = (from: Buffer, start: number, end: number) => void

/**
 * Stands in for the driver's parser while rows arrive and reads them where they lie. What comes before and after them is left
 * to the driver, which also says how the query ended.
 */
export class RowPackets implements PacketParser {
  readonly #wire: Wire
  readonly #query: QueryUnderWay
  readonly #driver: PacketParser
  readonly #take: TakeRow
  /** A row that has begun, in pieces, and how many bytes of it have to be there before it is worth looking again. */
  #pieces: Buffer[] = []
  #have = 0
  #need = headerBytes
  /** The server said that this was the last row. */
  ended = false

  constructor(wire: Wire, query: QueryUnderWay, take: TakeRow) {
    this.#wire = wire
    this.#query = query
    this.#driver = wire.packetParser
    this.#take = take
    wire.packetParser = this
  }

  execute(chunk: Buffer): void {
    const rest = this.#complete(chunk)
    if (rest.length > 0) {
      const at = this.#wire.packetParser === this ? this.#read(rest) : this.#leave(rest)
      if (at < rest.length) this.#keep(rest.subarray(at))
    }
    // Each read of the socket has memory of its own, and what stays was copied. What is shared is left alone.
    if (chunk.length === chunk.buffer.byteLength) free(handOver(chunk))
  }

  /** Reads the row that had begun before, with what was missing of it. @returns the rest of the chunk. */
  #complete(chunk: Buffer): Buffer {
    let rest = chunk
    while (this.#have > 0 && rest.length > 0) {
      const missing = this.#need - this.#have
      this.#keep(rest.subarray(0, missing))
      rest = rest.subarray(missing)
      if (this.#have < this.#need) break
      const bytes = Buffer.concat(this.#pieces)
      this.#pieces = []
      this.#have = 0
      const at = this.#read(bytes)
      if (at < bytes.length) this.#keep(bytes.subarray(at))
    }
    return rest
  }

  #keep(bytes: Buffer): void {
    this.#pieces.push(Buffer.from(bytes))
    this.#have += bytes.length
  }

  /** @returns where the first packet begins that is not complete. */
  #read(bytes: Buffer): number {
    let at = 0
    for (;;) {
      const end = this.#endOf(bytes, at)
      if (end < 0) return at
      if (this.#query.next !== this.#query.row) this.#driver.execute(Buffer.from(bytes.subarray(at, end)))
      else if (isRow(bytes, at, end)) this.#row(bytes, at, end)
      else {
        this.ended = bytes[at + headerBytes] === endMark
        this.#wire.packetParser = this.#driver
        return this.#leave(bytes.subarray(at)) + at
      }
      at = end
    }
  }

  /** The driver may keep what it is given. @returns its length. */
  #leave(bytes: Buffer): number {
    this.#driver.execute(Buffer.from(bytes))
    return bytes.length
  }

  /** Where a payload ends that begins with the packet at `at`, -1 where that has not come. */
  #endOf(bytes: Buffer, at: number): number {
    let end = at
    for (;;) {
      this.#need = end - at + headerBytes
      if (bytes.length - end < headerBytes) return -1
      const length = bytes.readUIntLE(end, 3)
      this.#need += length
      end += headerBytes + length
      if (end > bytes.length) return -1
      if (length < continued) return end
    }
  }

  #row(bytes: Buffer, at: number, end: number): void {
    const first = bytes.readUIntLE(at, 3)
    if (first < continued) {
      this.#take(bytes, at + headerBytes, end)
      this.#wire.sequenceId = ((bytes[at + 3] ?? 0) + 1) % 256
      return
    }
    const parts: Buffer[] = []
    for (let part = at; part < end; part += headerBytes + bytes.readUIntLE(part, 3)) {
      parts.push(bytes.subarray(part + headerBytes, part + headerBytes + bytes.readUIntLE(part, 3)))
      this.#wire.sequenceId = ((bytes[part + 3] ?? 0) + 1) % 256
    }
    const whole = Buffer.concat(parts)
    this.#take(whole, 0, whole.length)
  }
}

function isRow(bytes: Buffer, at: number, end: number): boolean {
  const first = bytes[at + headerBytes]
  return first !== errorMark && (first !== endMark || end - at - headerBytes > longestEnd)
}
