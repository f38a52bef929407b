import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { columnsOf, openFolder, rowsOf, sorted, tableOf } from '../../../../../test/files/folder.ts'
import { changedParts, richBook, unzipped, zipped } from '../../../../../test/files/rich-book.ts'

const columns = columnsOf({ id: 'integer', v: 'text' })
const sheet = (name: string) => tableOf({ name: 'book.xlsx', options: { sheet: name } }, columns)

test('several sheets of a book are written in one unit of work', async () => {
  await using folder = await openFolder()
  {
    await using session = await folder.endpoint.writer?.begin()
    await session?.replace(sheet('One'), rowsOf(columns, [['1', 'a']]))
    expect(await session?.replace(sheet('Two'), rowsOf(columns, [['2', 'b']]))).toEqual({ rows: 1, former: 0 })
    await session?.append(sheet('One'), rowsOf(columns, [['3', 'c']]))
    await using view = await session?.snapshot?.()
    expect(await view?.count({ source: { table: sheet('One').ref } })).toBe(2)
    expect(await view?.count({ source: { table: sheet('Two').ref } })).toBe(1)
    await session?.commit()
  }
  expect(sorted(await folder.read(sheet('One').ref))).toEqual([
    ['1', 'a'],
    ['3', 'c'],
  ])
  expect(await folder.read(sheet('Two').ref)).toEqual([['2', 'b']])
})

test('equal rows give equal bytes', async () => {
  await using folder = await openFolder()
  const write = async () => {
    await using session = await folder.endpoint.writer?.begin()
    await session?.replace(sheet('One'), rowsOf(columns, [['1', 'a']]))
    await session?.commit()
    return await readFile(folder.file('book.xlsx'))
  }
  await write()
  const again = await write()
  expect((await write()).equals(again)).toBe(true)
})

test('formulas become values only where that is wanted, and are told of', async () => {
  await using folder = await openFolder()
  await writeFile(folder.file('book.xlsx'), zipped(richBook))
  await using session = await folder.endpoint.writer?.begin()
  const columns = columnsOf({ sku: 'text' })
  const replace = async (more: object) => {
    const prices = { name: 'book.xlsx', options: { sheet: 'Prices', header: 3, ...more } }
    await session?.replace(tableOf(prices, columns), rowsOf(columns, [['A1']]))
  }
  await expect(replace({})).rejects.toMatchObject({
    code: 'FORMULAS_IN_THE_WAY',
    message: expect.stringContaining('1 cell in column `price`'),
  })
  await replace({ formulas: 'values' })
  await session?.commit()
  expect(folder.warnings).toEqual(['book.xlsx: formulas of the sheet `Prices` become their values'])
})

test('a sheet whose elements have a prefix is written, and so is one without styles', async () => {
  await using folder = await openFolder()
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const x = (xml = '') => xml.replace(/<(\/?)(?=[a-z])/g, '<$1x:').replace(`xmlns="${main}"`, `xmlns:x="${main}"`)
  const { 'xl/styles.xml': _, ...parts } = richBook
  const links = 'xl/_rels/workbook.xml.rels'
  const before = {
    ...parts,
    'xl/worksheets/sheet3.xml': x(parts['xl/worksheets/sheet3.xml']),
    'xl/workbook.xml': x(parts['xl/workbook.xml']),
    [links]: (parts[links] ?? '').replace(/<Relationship Id="rId4"[^>]*>/, ''),
  }
  await writeFile(folder.file('book.xlsx'), zipped(before))
  const stock = { name: 'book.xlsx', options: { sheet: 'Stock' } }
  const typed = columnsOf({ sku: 'text', qty: 'integer', since: 'date' })
  await using session = await folder.endpoint.writer?.begin()
  await session?.append(tableOf(stock, typed), rowsOf(typed, [['A1', '7', '2026-01-31']]))
  await session?.commit()
  expect(sorted(await folder.read(stock))).toEqual([
    ['A0', '5', null],
    ['A1', '7', '2026-01-31'],
  ])
  const after = unzipped(await readFile(folder.file('book.xlsx')))
  expect(changedParts(before, after)).toContain('xl/styles.xml')
  expect(after['xl/worksheets/sheet3.xml']).toContain('<x:row r="2"><x:c r="A2" t="s"><x:v>5</x:v></x:c>')
})

test('a sheet that is blank gets its header where a new one has it', async () => {
  await using folder = await openFolder()
  const blank = (richBook['xl/worksheets/sheet3.xml'] ?? '')
    .replace(/<sheetData>.*<\/sheetData>/, '<sheetData><row r="1"><c r="A1" s="2"/></row><row r="7"><c r="B7" s="1"/></row></sheetData>')
    .replace(/<tableParts.*<\/tableParts>/, '')
  await writeFile(
    folder.file('book.xlsx'),
    zipped({ ...richBook, 'xl/worksheets/sheet3.xml': blank, 'xl/worksheets/_rels/sheet3.xml.rels': '<Relationships/>' }),
  )
  await using session = await folder.endpoint.writer?.begin()
  await session?.append(sheet('Stock'), rowsOf(columns, [['1', 'a']]))
  await session?.commit()
  expect(await folder.read(sheet('Stock').ref)).toEqual([['1', 'a']])
})

test('days of a book that counts from 1904 are the same days', async () => {
  await using folder = await openFolder()
  const workbook = (richBook['xl/workbook.xml'] ?? '').replace('<workbookPr ', '<workbookPr date1904="1" ')
  await writeFile(folder.file('book.xlsx'), zipped({ ...richBook, 'xl/workbook.xml': workbook }))
  const typed = columnsOf({ id: 'integer', at: 'timestamp', day: 'date' })
  const table = tableOf({ name: 'book.xlsx', options: { sheet: 'Days' } }, typed)
  const rows = [
    ['1', '2026-01-31 12:00:00.5', '1904-01-02'],
    ['2', '1904-01-01 00:00:00', '1904-01-01'],
  ]
  await using session = await folder.endpoint.writer?.begin()
  await session?.replace(table, rowsOf(typed, rows))
  await session?.commit()
  expect(sorted(await folder.read(table.ref))).toEqual(rows)
  const sheet = unzipped(await readFile(folder.file('book.xlsx')))['xl/worksheets/sheet4.xml']
  expect(sheet).toContain('<v>44591.500005787035</v>')
  expect(sheet).toContain('<is><t>1904-01-01</t></is>')
})
