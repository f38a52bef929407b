import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowPackets } from './row-packets.ts'

const header = (length: number, number: number) => Buffer.from([length & 255, (length >> 8) & 255, length >> 16, number % 256])
const packet = (payload: Buffer, number: number) => Buffer.concat([header(payload.length, number), payload])
const end = Buffer.from([0xfe, 0, 0, 2, 0])

/** A wire whose driver notes what it is given; it takes one packet of the head, then rows follow. */
function wire() {
  const given: Buffer[] = []
  const query = { next: 'head', row: 'row' }
  const driver = {
    execute: (chunk: Buffer) => {
      given.push(chunk)
      query.next = 'row'
    },
  }
  const parts = { packetParser: driver as { execute(chunk: Buffer): void }, sequenceId: 0, stream: undefined as never }
  return { parts, driver, query, given }
}

function feed(
  bytes: Buffer,
  size: number,
): { readonly rows: readonly string[]; readonly given: readonly Buffer[]; readonly ended: boolean; readonly sequence: number } {
  const { parts, driver, query, given } = wire()
  const rows: string[] = []
  const packets = new RowPackets(parts, query, (from, start, stop) => rows.push(from.toString('latin1', start, stop)))
  for (let at = 0; at < bytes.length; at += size) parts.packetParser.execute(Buffer.from(bytes.subarray(at, at + size)))
  expect(parts.packetParser).toBe(driver)
  return { rows, given, ended: packets.ended, sequence: parts.sequenceId }
}

test('rows that are cut anywhere come out whole, and the driver gets what is before and after them', () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\u0001'), minLength: 1, maxLength: 40 }), { maxLength: 300 })
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 200 }), (rows, size) => {
      const head = packet(Buffer.from('head'), 1)
      const bytes = Buffer.concat([head, ...rows.map((row, index) => packet(Buffer.from(row), index + 2)), packet(end, rows.length + 2)])
      const found = feed(bytes, size)
      expect(found.rows).toEqual(rows)
      expect(found.ended).toBe(true)
      expect(Buffer.concat(found.given)).toEqual(Buffer.concat([head, packet(end, rows.length + 2)]))
      if (rows.length > 0) expect(found.sequence).toBe((rows.length + 2) % 256)
    }),
  )
})

test('an error after some rows is left to the driver, and nothing ended', () => {
  const error = packet(Buffer.from([0xff, 1, 4]), 3)
  const found = feed(Buffer.concat([packet(Buffer.from('head'), 1), packet(Buffer.from('row'), 2), error]), 5)
  expect(found).toMatchObject({ rows: ['row'], ended: false })
  expect(found.given.at(-1)).toEqual(error)
})

test('a row of more than one packet is one row, also where its first byte is that of an end', () => {
  const most = 0xff_ff_ff
  const long = Buffer.alloc(most + 10, 'x')
  long[0] = 0xfe
  const parts = [packet(long.subarray(0, most), 2), packet(long.subarray(most), 3)]
  const found = feed(Buffer.concat([packet(Buffer.from('head'), 1), ...parts, packet(end, 4)]), 65_536)
  expect(found.rows.map((row) => row.length)).toEqual([most + 10])
  expect([found.ended, found.sequence]).toEqual([true, 4])
})
