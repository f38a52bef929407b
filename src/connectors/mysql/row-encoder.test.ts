import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CellForm, RowEncoder } from './row-encoder.ts'

/** A row of the text protocol. */
function packet(cells: readonly (string | Buffer | null)[]): Buffer {
  const parts = cells.map((cell) => {
    if (cell === null) return Buffer.from([0xfb])
    const bytes = Buffer.from(cell)
    return Buffer.concat([lengthOf(bytes.length), bytes])
  })
  return Buffer.concat(parts)
}

function lengthOf(length: number): Buffer {
  if (length < 0xfb) return Buffer.from([length])
  if (length < 65_536) return Buffer.from([0xfc, length & 255, length >> 8])
  return Buffer.from([0xfd, length & 255, (length >> 8) & 255, length >> 16])
}

function encode(
  forms: readonly CellForm[],
  rows: readonly (readonly (string | Buffer | null)[])[],
): { readonly text: string; readonly odd: readonly number[] } {
  const chunks: Buffer[] = []
  const encoder = new RowEncoder(forms, (chunk) => chunks.push(chunk))
  for (const cells of rows) {
    const bytes = packet(cells)
    encoder.row(bytes, 0, bytes.length)
  }
  encoder.flush()
  return { text: Buffer.concat(chunks).toString(), odd: [...encoder.odd] }
}

const one = (form: CellForm, cell: string | Buffer | null) => encode([form], [[cell]]).text.slice(0, -1)

test('each form writes canonical text', () => {
  expect(one('plain', '-12.50')).toBe('-12.50')
  expect(one('text', 'a')).toBe('a')
  expect(one('text', '')).toBe('""')
  expect(one('text', null)).toBe('')
  expect(one('text', 'a"b,c')).toBe('"a""b,c"')
  expect(one('bytes', Buffer.from([0, 255, 16]))).toBe('\\x00ff10')
  expect(one('boolean', '1')).toBe('true')
  expect(one('boolean', '0')).toBe('false')
  expect(one('stamp', '2024-01-31 10:20:30.120000')).toBe('2024-01-31 10:20:30.12')
  expect(one('stamp', '2024-01-31 10:20:30.000000')).toBe('2024-01-31 10:20:30')
  expect(one('stamp', '2024-01-31 10:20:30')).toBe('2024-01-31 10:20:30')
  expect(one('instant', '2024-01-31 10:20:30.500')).toBe('2024-01-31 10:20:30.5+00')
  expect(one('time', '-838:59:59.000000')).toBe('-838:59:59')
  expect(one('single', '0.10000000149011612')).toBe('0.1')
})

test('cells that are no values of their type are told by column, and written as they are', () => {
  const forms: readonly CellForm[] = ['date', 'stamp', 'boolean', 'date']
  const good = encode(forms, [['2024-02-29', '1900-02-28 00:00:00', '1', '0001-01-31']])
  expect(good.odd).toEqual([])
  for (const date of ['0000-00-00', '2024-00-10', '2024-01-00', '0000-05-05', '2023-02-29', '1900-02-29', '2024-04-31']) {
    expect(encode(forms, [['2024-01-01', '2024-01-01 00:00:00', '0', date]]), date).toMatchObject({ odd: [3] })
  }
  expect(encode(forms, [[null, null, '2', null]])).toEqual({ text: ',,2,\n', odd: [2] })
})

test('texts of any length and letters come out as RFC 4180 says', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'ä', '𝄞'), maxLength: 400 })
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 30 }), (rows) => {
      const quoted = (cell: string) => (/[",\r\n\\]|^$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
      expect(encode(['text', 'text'], rows).text).toBe(rows.map((row) => `${row.map(quoted).join(',')}\n`).join(''))
    }),
  )
})

test('cells longer than a chunk come out whole', () => {
  const long = 'x'.repeat(700_000)
  expect(encode(['plain', 'text', 'bytes'], [['1', long, Buffer.alloc(70_000)]]).text).toBe(`1,${long},\\x${'00'.repeat(70_000)}\n`)
})
