import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CopyMessages } from './copy-messages.ts'

const messages = fc.array(fc.record({ kind: fc.constantFrom('d', 'd', 'd', 'N', 'S', 'A'), body: fc.uint8Array({ maxLength: 300 }) }), {
  maxLength: 40,
})

test('rows come out whole and in order, and all else goes to the driver as it came, wherever the stream is cut', () => {
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), fc.boolean(), (sent, cuts, fails) => {
      const end = Buffer.concat(fails ? [message('E', 'SERROR\0\0')] : [message('c'), message('C', 'COPY 1\0')])
      const between = sent.map(({ kind, body }) => ({ kind, bytes: message(kind, body) }))
      const stream = Buffer.concat([message('H', Buffer.of(0, 0, 0)), ...between.map(({ bytes }) => bytes), end, message('Z', 'T')])
      const read = readInParts(stream, cuts)
      expect(read.rows).toEqual(Buffer.concat(sent.flatMap(({ kind, body }) => (kind === 'd' ? [body] : []))))
      expect(read.asides).toEqual(Buffer.concat(between.flatMap(({ kind, bytes }) => (kind === 'd' ? [] : [bytes]))))
      expect(read.rest).toEqual(Buffer.concat([end, message('Z', 'T')]))
    }),
  )
})

test('rows are gathered into chunks that are full, whatever their size, and are the taker’s to keep', () => {
  const rows = Array.from({ length: 40 }, (_, row) => Buffer.alloc(row % 2 === 0 ? 90_001 : 3, row))
  const chunks: Buffer[] = []
  const walk = new CopyMessages({ chunk: (chunk) => chunks.push(chunk), aside: () => {} })
  for (const row of rows) {
    const bytes = message('d', row)
    walk.read(bytes)
    bytes.fill(0xff)
  }
  walk.flush()
  walk.flush()
  expect(new Set(chunks.slice(0, -1).map((chunk) => chunk.length))).toEqual(new Set([256 * 1024]))
  expect(Buffer.concat(chunks)).toEqual(Buffer.concat(rows))
})

test('rows that nobody reads are dropped, and the end is found all the same', () => {
  const chunks: Buffer[] = []
  const walk = new CopyMessages({ chunk: (chunk) => chunks.push(chunk), aside: () => {} })
  walk.read(message('d', 'a row that was begun'))
  walk.discard()
  const rest = walk.read(Buffer.concat([message('d', Buffer.alloc(600_000)), message('c')]))
  walk.flush()
  expect(chunks).toEqual([])
  expect(rest).toEqual(message('c'))
})

test('what cannot be a message is refused, not walked for ever', () => {
  const walk = new CopyMessages({ chunk: () => {}, aside: () => {} })
  expect(() => walk.read(Buffer.of(100, 0, 0, 0, 3, 0, 0))).toThrow('cannot be one')
})

function message(kind: string, body: string | Uint8Array = ''): Buffer {
  const content = Buffer.from(body)
  const header = Buffer.alloc(5)
  header.write(kind, 'latin1')
  header.writeUInt32BE(content.length + 4, 1)
  return Buffer.concat([header, content])
}

/** Reads a stream in parts of these sizes, over and over. What comes after the end is the driver's at once, as it is in use. */
function readInParts(stream: Buffer, sizes: readonly number[]) {
  const chunks: Buffer[] = []
  const asides: Buffer[] = []
  const rest: Buffer[] = []
  const walk = new CopyMessages({ chunk: (chunk) => chunks.push(chunk), aside: (bytes) => asides.push(Buffer.from(bytes)) })
  let at = 0
  for (let part = 0; at < stream.length; part++) {
    const bytes = Buffer.from(stream.subarray(at, at + (sizes[part % sizes.length] ?? 1)))
    at += bytes.length
    const given = rest.length > 0 ? bytes : walk.read(bytes)
    if (given) rest.push(given)
    else bytes.fill(0xff)
  }
  walk.flush()
  return { rows: Buffer.concat(chunks), asides: Buffer.concat(asides), rest: Buffer.concat(rest) }
}
