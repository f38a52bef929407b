import { expect, test } from 'vitest'
import { columnLetters, columnNumber, parseArea, parseReference } from './sheet-area.ts'

test('columns are letters', () => {
  expect(['A', 'Z', 'AA', 'XFD'].map(columnNumber)).toEqual([1, 26, 27, 16_384])
  for (let number = 1; number <= 16_384; number++) expect(columnNumber(columnLetters(number))).toBe(number)
})

test.each([
  ['B3:F200', [2, 6, 3, 200]],
  ['$B$3:$F$200', [2, 6, 3, 200]],
  ['F200:B3', [2, 6, 3, 200]],
  ['B3:F', [2, 6, 3, Infinity]],
  ['B3:', [2, Infinity, 3, Infinity]],
  ['B:F', [2, 6, 1, Infinity]],
  ['3:200', [1, Infinity, 3, 200]],
])('%s', (text, [firstColumn, lastColumn, firstRow, lastRow]) => {
  expect(parseArea(text)).toEqual({ firstColumn, lastColumn, firstRow, lastRow })
})

test.each(['', ':', 'B3', 'Prices', 'B:7', 'B0:F3', 'XFE1:XFF2', 'A1:B2:C3', 'A1048577:B'])('%s is no area', (text) => {
  expect(parseArea(text)).toBeUndefined()
})

test('references name their sheet', () => {
  const area = { firstColumn: 1, lastColumn: 6, firstRow: 1, lastRow: 20 }
  expect(parseReference('Sheet1!$A$1:$F$20')).toEqual({ sheet: 'Sheet1', area })
  expect(parseReference("'Bob''s #1, list'!$A$1:$F$20")).toEqual({ sheet: "Bob's #1, list", area })
  expect(parseReference('Sheet1!$B$2')).toEqual({ sheet: 'Sheet1', area: { firstColumn: 2, lastColumn: 2, firstRow: 2, lastRow: 2 } })
  expect(['#REF!', 'Sheet1!$A$1,Sheet1!$B$1', 'SUM(A1:A2)', '[1]Other!#REF!'].map(parseReference)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
