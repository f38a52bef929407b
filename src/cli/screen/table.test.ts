import fc from 'fast-check'
import { expect, test } from 'vitest'
import { table } from './table.ts'
import { displayWidth } from './width.ts'

const columns = [{ title: 'id', align: 'right', whole: true }, { title: 'name' }, { title: 'note' }] as const
const rows = [
  ['7', 'Ada', 'a long remark that goes on and on'],
  ['1042', '東京太郎', ''],
]

test('aligned, and cut where the screen ends', () => {
  expect(table(columns, rows, Number.POSITIVE_INFINITY)).toEqual([
    '  id   name       note',
    '   7   Ada        a long remark that goes on and on',
    '1042   東京太郎',
  ])
  expect(table(columns, rows, 34)).toEqual(['  id   name       note', '   7   Ada        a long remark t…', '1042   東京太郎'])
  expect(table(columns, rows, 16)).toEqual(['  id   name', '   7   Ada', '1042   東京太郎', '… left out: note'])
})

test('no line is wider than the screen, however narrow its columns get', () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 30 })
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { maxLength: 5 }),
      fc.integer({ min: 20, max: 100 }),
      (cells, width) => {
        const lines = table([{ title: 'a' }, { title: 'bbbbbbbbbbbb' }, { title: 'c' }, { title: 'd' }], cells, width)
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
      },
    ),
  )
})
