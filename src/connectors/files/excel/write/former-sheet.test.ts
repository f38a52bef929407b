import { expect, test } from 'vitest'
import { richBook } from '../../../../../test/files/rich-book.ts'
import { scanFormerSheet } from './former-sheet.ts'

const sheet = richBook['xl/worksheets/sheet1.xml'] ?? ''

async function* cut(xml: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(xml)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const scan = async (xml: string, header: number, size = 1 << 20) => await scanFormerSheet(cut(xml, size), header, 'book.xlsx (sheet1.xml)')

test('a sheet is taken apart at its header and its last value', async () => {
  const { head, tail, above, header, firstRows, rowsFrom, headerTo, usedTo, ...facts } = await scan(sheet, 3)
  expect(facts).toEqual({ prefix: '', lastRow: 5, hasFormulas: true })
  expect(`${head}<sheetData>${above}${header}${firstRows}</sheetData>${tail}`).toBe(sheet)
  expect(above).toMatch(/^<row r="1" .*<\/row>$/)
  expect(header).toMatch(/^<row r="3" .*<\/row>$/)
  const bytes = Buffer.from(sheet)
  expect(bytes.subarray(rowsFrom, headerTo).toString()).toBe(above + header)
  expect(bytes.subarray(headerTo, usedTo).toString()).toMatch(/^<row r="4".*<row r="5".*<\/row>$/)
})

test('cut anywhere it is the same', async () => {
  const wide = sheet.replace('Sheet1', 'Übersicht 𝄞').replace('<row r="9">', '<row r="9" x="ä𝄞">')
  const whole = await scan(wide, 3)
  for (let size = 1; size < 90; size++) expect(await scan(wide, 3, size), `chunks of ${size}`).toEqual(whole)
})

test('rows without a header begin below the row that is named', async () => {
  const { above, header, firstRows } = await scan(sheet, 0)
  expect([above, header]).toEqual(['', ''])
  expect(firstRows).toMatch(/^<row r="1" /)
})

test('a sheet without rows is one', async () => {
  const rest = { prefix: '', above: '', header: '', firstRows: '', lastRow: 0, hasFormulas: false }
  expect(await scan('<worksheet><sheetData/><a/></worksheet>', 1)).toMatchObject({ ...rest, head: '<worksheet>', tail: '<a/></worksheet>' })
  expect(await scan('<worksheet><sheetData></sheetData><a/></worksheet>', 1)).toMatchObject({ ...rest, tail: '<a/></worksheet>' })
})

test('one that is cut short is refused', async () => {
  await expect(scan(sheet.slice(0, sheet.indexOf('</sheetData>')), 3)).rejects.toThrow(/its rows have no end/)
})
