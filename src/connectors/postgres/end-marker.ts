/**
 * CSV in which a record that is nothing but `\.` is quoted: up to PostgreSQL 17, COPY takes that line for the end of the
 * rows, reports success, and whatever follows is lost (seen with 15: inside quotes it is data). Where a record begins
 * takes knowing which quotes are open, so all of them are counted.
 */
export async function* quoteEndMarkers(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0)
  let quoted = false
  let atLineStart = true
  for await (const chunk of chunks) {
    const bytes = held.length === 0 ? asBuffer(chunk) : Buffer.concat([held, chunk])
    const rest = heldBack(bytes, atLineStart)
    const [ready, kept] = [bytes.subarray(0, bytes.length - rest), bytes.subarray(bytes.length - rest)]
    if (ready.length > 0) {
      yield quoteRecords(ready, kept.length > 0 ? kept : newline, quoted, atLineStart)
      if (countQuotes(ready, 0, ready.length) % 2 === 1) quoted = !quoted
      atLineStart = ready.at(-1) === lineFeed
    }
    held = Buffer.from(kept)
  }
  if (held.length > 0) yield quoteRecords(held, newline, quoted, atLineStart)
}

const quote = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d
const marker = Buffer.from('\\.')
const quotedMarker = Buffer.from('"\\."')
const newline = Buffer.from('\n')

/** Bytes at the end that may be the beginning of a marker's line: `\` or `\.` alone, or before a carriage return. */
function heldBack(bytes: Buffer, atLineStart: boolean): number {
  const line = bytes.lastIndexOf(lineFeed) + 1
  if (line === 0 && !atLineStart) return 0
  const length = bytes.length - line
  const begun = length <= 2 && length > 0 && marker.subarray(0, length).equals(bytes.subarray(line))
  return begun ? length : 0
}

function quoteRecords(bytes: Buffer, next: Buffer, quoted: boolean, atLineStart: boolean): Buffer {
  const places = markers(bytes, next, atLineStart)
  if (places.length === 0) return bytes
  const parts: Buffer[] = []
  let done = 0
  let open = quoted
  for (const place of places) {
    if (countQuotes(bytes, done, place) % 2 === 1) open = !open
    parts.push(bytes.subarray(done, place), open ? marker : quotedMarker)
    done = place + marker.length
  }
  return Buffer.concat([...parts, bytes.subarray(done)])
}

/** Where `\.` stands alone on a line. */
function markers(bytes: Buffer, next: Buffer, atLineStart: boolean): readonly number[] {
  const places: number[] = []
  for (let place = bytes.indexOf(marker); place !== -1; place = bytes.indexOf(marker, place + marker.length)) {
    const begins = place === 0 ? atLineStart : bytes[place - 1] === lineFeed
    const after = bytes[place + marker.length] ?? next[0]
    if (begins && (after === lineFeed || after === carriageReturn)) places.push(place)
  }
  return places
}

/** Four bytes at a time, of which one is looked at only where a quote is among them: five times as fast as one by one. */
function countQuotes(bytes: Buffer, from: number, to: number): number {
  if (to - from < 16) return countSingly(bytes, from, to)
  const start = from + (-(bytes.byteOffset + from) & 3)
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, (to - start) >> 2)
  let count = countSingly(bytes, from, start)
  for (let index = 0; index < words.length; index++) {
    const zeroAtQuote = (words[index] ?? 0) ^ fourQuotes
    if (((zeroAtQuote - 0x01010101) & ~zeroAtQuote & 0x80808080) === 0) continue
    count += countSingly(bytes, start + index * 4, start + index * 4 + 4)
  }
  return count + countSingly(bytes, start + words.length * 4, to)
}

const fourQuotes = 0x22222222

function countSingly(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let index = from; index < to; index++) if (bytes[index] === quote) count++
  return count
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
