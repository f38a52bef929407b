import { describe, expect, test } from 'vitest'
import { type BookParts, partsOf, rows, xlsx, zipped } from '../../../../test/files/book.ts'
import { openFolder, openSnapshot, shownTypes } from '../../../../test/files/folder.ts'

type Options = Readonly<Record<string, unknown>>

/** What a book means: the types of its columns and the text of its cells. */
async function taken(book: BookParts | Uint8Array, options: Options = {}) {
  await using folder = await openFolder()
  await folder.put('book.xlsx', book instanceof Uint8Array ? book : await xlsx(book))
  const ref = { name: 'book.xlsx', options }
  return { types: shownTypes(await folder.table(ref)), rows: await folder.read(ref) }
}

async function failure(book: BookParts | Uint8Array, options: Options = {}) {
  return await taken(book, options).then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** One column `v` of cells as they stand in the XML, with a second one that is never empty. */
function column(cells: readonly string[], more: Partial<BookParts> = {}): BookParts {
  const body = cells.map((cell, at) => `<row r="${at + 2}">${cell}<c r="B${at + 2}"><v>${at}</v></c></row>`).join('')
  return { sheets: { Data: rows(['v', 'n']) + body }, ...more }
}

const values = async (book: BookParts) => (await taken(book)).rows.map(([value]) => value)

describe('what a cell means', () => {
  test('numbers are exact decimals, whatever their format', async () => {
    const cells = ['0.1', '0.30000000000000004', '1E-7', '-1.5e3', '1e21', '100.50', ' 7 ', '0.25'].map((v) => `<c s="1"><v>${v}</v></c>`)
    const book = column(cells, { styles: [0, '0.00%'] })
    expect(await values(book)).toEqual(['0.1', '0.30000000000000004', '0.0000001', '-1500', '1000000000000000000000', '100.5', '7', '0.25'])
    expect((await taken(book)).types).toEqual({ v: 'untyped', n: 'untyped' })
  })

  test('texts: shared, rich without readings, escaped, spaced, inline, of formulas, empty', async () => {
    const strings = [
      '<si><t>plain</t></si>',
      '<si><r><rPr><b/></rPr><t xml:space="preserve">bold </t></r><r><t>&amp; thin</t></r><rPh sb="0" eb="1"><t>KANA</t></rPh><phoneticPr fontId="1"/></si>',
      '<si><t xml:space="preserve">  two _x000D_\n_x005F_x000D_ "q" </t></si>',
      '<si><t/></si>',
      '<si/>',
      '<si><t><![CDATA[a<b]]> &#x1F600;</t></si>',
    ]
    const cells = [0, 1, 2, 3, 4, 5].map((index) => `<c t="s"><v>${index}</v></c>`)
    const others = [
      '<c t="inlineStr"><is><r><t>in</t></r><r><t xml:space="preserve"> line</t></r></is></c>',
      '<c t="inlineStr"><is><t/></is></c>',
      '<c t="str"><f>A1&amp;""</f><v>made, of "parts"</v></c>',
      '<c t="str"><f>""</f><v></v></c>',
      '<c t="inlineStr"><v>spare</v><is><t>own</t></is></c>',
      '<c t="inlineStr"><v>_x0041_</v></c>',
      '<c s="0"/>',
      '<c/>',
    ]
    const expected = [
      'plain',
      'bold & thin',
      '  two \r\n_x000D_ "q" ',
      '',
      '',
      'a<b 😀',
      'in line',
      '',
      'made, of "parts"',
      '',
      'own',
      'A',
      null,
      null,
    ]
    const book = column([...cells, ...others], { strings })
    expect(await values(book)).toEqual(expected)
    expect((await taken(book)).types).toMatchObject({ v: 'text' })
  })

  test('booleans', async () => {
    const book = column(['<c t="b"><v>1</v></c>', '<c t="b"><v>0</v></c>', '<c/>'])
    expect(await taken(book)).toMatchObject({
      types: { v: 'boolean' },
      rows: [
        ['true', '0'],
        ['false', '1'],
        [null, '2'],
      ],
    })
  })

  const styles = [0, 14, 'yyyy-mm-dd hh:mm', 'hh:mm', '[h]:mm:ss']
  const styled = (style: number, ...serials: readonly number[]) => serials.map((serial) => `<c s="${style}"><v>${serial}</v></c>`)

  test.each([
    ['days', styled(1, 45_351, 61), { types: 'date', cells: ['2024-02-29', '1900-03-01'] }],
    [
      'days and moments',
      [...styled(1, 45_351), ...styled(2, 45_351.5)],
      { types: 'timestamp(6)', cells: ['2024-02-29 00:00:00', '2024-02-29 12:00:00'] },
    ],
    ['times', styled(3, 0, 0.354166666666667), { types: 'time(6)', cells: ['00:00:00', '08:30:00'] }],
    ['spans', styled(4, 1.25, 0.5), { types: 'text', cells: ['30:00:00', '12:00:00'] }],
    ['days and numbers', [...styled(1, 45_351), ...styled(0, 7)], { types: 'untyped', cells: ['2024-02-29', '7'] }],
    [
      'ISO 8601',
      ['<c t="d"><v>2024-02-29T10:00:00</v></c>', '<c s="1" t="d"><v>2024-03-01T00:00:00</v></c>'],
      { types: 'timestamp(6)', cells: ['2024-02-29 10:00:00', '2024-03-01 00:00:00'] },
    ],
  ])('%s', async (_, cells, expected) => {
    const book = column(cells, { styles })
    expect(await values(book)).toEqual(expected.cells)
    expect((await taken(book)).types).toMatchObject({ v: expected.types })
  })

  test('days are counted from 1904 where the book says so', async () => {
    const book = column(styled(1, 0, 43_889), { styles, date1904: true })
    expect(await values(book)).toEqual(['1904-01-01', '2024-02-29'])
    const workbook = String(partsOf(book)['xl/workbook.xml']).replace(
      '</workbook>',
      '<extLst><ext><x15:workbookPr/></ext></extLst></workbook>',
    )
    expect(await values({ ...book, parts: { 'xl/workbook.xml': workbook } })).toEqual(['1904-01-01', '2024-02-29'])
  })

  test('what has no value is told apart from everything that has one', async () => {
    const cells = [
      '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>',
      '<c><f>A9</f></c>',
      '<c><f>A9</f><v/></c>',
      ...styled(1, 60, -3),
      '<c t="str"><v>_xD800_</v></c>',
    ]
    await using folder = await openFolder()
    await folder.put('book.xlsx', await xlsx(column([...cells, '<c t="str"><v>#DIV/0!</v></c>'], { styles })))
    await using snapshot = await openSnapshot(folder.endpoint)
    const read = await snapshot.read({ source: { table: { name: 'book.xlsx' } } })
    const [{ invalid: mark = '' } = {}, other] = read.columns
    expect(mark).not.toBe('')
    expect(other).not.toHaveProperty('invalid')
    expect(read.csv).toBeUndefined()
    const found = (await folder.land(read)).map(([value]) => value)
    const reasons = [
      '#DIV/0!',
      'a formula without a saved value',
      'a formula without a saved value',
      'no day that there is',
      'no day that there is',
      'half of a surrogate pair',
    ]
    expect(found).toEqual([...reasons.map((reason) => mark + reason), '#DIV/0!'])
  })
})

describe('which rows and columns there are', () => {
  test('rows without a value are none, wherever they are; rows that are skipped count', async () => {
    const body =
      '<row r="3"><c r="A3"><v>1</v></c></row><row r="4"><c r="A4" s="1"/></row><row r="9"><c r="A9"><v>2</v></c></row><row r="10"/>'
    const sheet = `<row r="2"><c r="A2" t="str"><v>id</v></c></row>${body}`
    expect(await taken({ sheets: { A: sheet } })).toEqual({ types: { id: 'untyped' }, rows: [['1'], ['2']] })
  })

  test('rows and cells without a reference follow each other', async () => {
    const sheet = '<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row><row><c><v>1</v></c><c><v>2</v></c></row>'
    expect((await taken({ sheets: { A: sheet } })).rows).toEqual([['1', '2']])
  })

  test('a column without a name counts where it has values', async () => {
    const book = { sheets: { A: rows(['id', undefined, 'name'], [1, undefined, 'x'], [2, undefined, 'y', undefined, 5]) } }
    expect(await taken(book)).toEqual({
      types: { id: 'untyped', name: 'text', column5: 'untyped' },
      rows: [
        ['1', 'x', null],
        ['2', 'y', '5'],
      ],
    })
  })

  test('two columns of one name', async () => {
    expect(await failure({ sheets: { A: rows(['id', 'price', 'Price'], [1, 2, 3]) } })).toMatchObject({
      code: 'MALFORMED_FILE',
      message: 'book.xlsx: expected every column to have a name of its own: columns 2 and 3, `price` and `Price`, differ in case only',
    })
  })

  test('a merged cell has its value in its first cell only', async () => {
    const sheet = rows(['a', 'b'], [1, 2], [undefined, 3])
    const merged = `<worksheet xmlns="x"><sheetData>${sheet}</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells></worksheet>`
    expect((await taken({ sheets: { A: merged } })).rows).toEqual([
      ['1', '2'],
      [null, '3'],
    ])
  })

  test('an empty sheet has no columns and no rows', async () => {
    expect(await taken({ sheets: { A: '' } })).toEqual({ types: {}, rows: [] })
  })

  test('16,384 columns', async () => {
    const names = Array.from({ length: 16_384 }, (_, index) => `<c t="str"><v>c${index}</v></c>`).join('')
    const cells = Array.from({ length: 16_384 }, (_, index) => `<c><v>${index}</v></c>`).join('')
    const book = await xlsx({ sheets: { A: `<row>${names}</row><row>${cells}</row>` } })
    await using folder = await openFolder()
    await folder.put('book.xlsx', book)
    expect((await folder.table({ name: 'book.xlsx' })).columns).toHaveLength(16_384)
    const wider = await xlsx({ sheets: { A: `<row>${names}<c><v>1</v></c></row>` } })
    expect(await failure(wider)).toMatchObject({ code: 'MALFORMED_FILE', message: expect.stringContaining('a column that no sheet has') })
  }, 30_000)
})

describe('the header', () => {
  const sheet = rows(['Prices of 2024'], [], ['sku', 'net'], ['A-1', 1], ['B-2', 2])

  test('stands in the row that is named', async () => {
    expect(await taken({ sheets: { A: sheet } }, { header: 3 })).toEqual({
      types: { sku: 'text', net: 'untyped' },
      rows: [
        ['A-1', '1'],
        ['B-2', '2'],
      ],
    })
  })

  test('is none, or a list', async () => {
    const book = { sheets: { A: rows(['A-1', 1], ['B-2', 2]) } }
    expect((await taken(book, { header: false })).types).toEqual({ column1: 'text', column2: 'untyped' })
    expect(await taken(book, { header: ['sku', 'net'] })).toEqual({
      types: { sku: 'text', net: 'untyped' },
      rows: [
        ['A-1', '1'],
        ['B-2', '2'],
      ],
    })
    expect(await failure(book, { header: ['sku'] })).toMatchObject({
      message: 'book.xlsx#A: expected 1 columns, as `header` lists them: row 1 has a value in column 2',
    })
  })

  const report = (merges: readonly string[]) => ({
    sheets: {
      A: `<worksheet xmlns="x"><sheetData>${rows(['sku', '2024', undefined, '2025', undefined], [undefined, 'Q1', 'Q2', 'Q1', 'Q2'], ['A-1', 1, 2, 3, 4])}</sheetData><mergeCells>${merges.map((ref) => `<mergeCell ref="${ref}"/>`).join('')}</mergeCells></worksheet>`,
    },
  })
  const quarters = { sku: 'text', '2024 / Q1': 'untyped', '2024 / Q2': 'untyped', '2025 / Q1': 'untyped', '2025 / Q2': 'untyped' }

  test('spans rows: named, or proved by a cell that spans them', async () => {
    const expected = { types: quarters, rows: [['A-1', '1', '2', '3', '4']] }
    expect(await taken(report(['B1:C1', 'D1:E1']), { header: '1:2' })).toEqual(expected)
    expect(await taken(report(['A1:A2', 'B1:C1', 'D1:E1']))).toEqual(expected)
  })

  test('of one row by default: a row of data is never taken for a part of it', async () => {
    expect(await failure(report(['B1:C1', 'D1:E1']))).toMatchObject({
      message: expect.stringContaining('columns 2 and 3 are both named `2024`'),
    })
  })

  test('line breaks in it are blanks', async () => {
    expect((await taken({ sheets: { A: rows(['unit\nprice', ' b '], [1, 2]) } })).types).toEqual({
      'unit price': 'untyped',
      ' b ': 'untyped',
    })
  })
})

describe('which cells are read', () => {
  const prices = rows(['sku', 'net', 'note'], ['A', 1, 'x'], ['B', 2, 'y'], ['C', 3, 'z'])
  const table = '<table xmlns="x" id="1" name="T" displayName="Prices" ref="A1:B4" totalsRowCount="1" headerRowCount="1"/>'
  const book: BookParts = {
    sheets: { 'Price list': prices, Secret: rows(['a'], [1]) },
    hidden: ['Secret'],
    names: { Net: "'Price list'!$A$2:$B$3", Broken: '#REF!' },
    parts: {
      'xl/worksheets/_rels/sheet1.xml.rels':
        '<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/table" Target="../tables/table1.xml"/></Relationships>',
      'xl/tables/table1.xml': table,
    },
  }

  test('of the only sheet that is not hidden, or of the one that is named', async () => {
    expect((await taken(book)).rows).toHaveLength(3)
    expect((await taken(book, { sheet: 'Secret' })).types).toEqual({ a: 'untyped' })
  })

  test.each([
    ['B1:C3', ['1,x', '2,y']],
    ['A2:', ['B,2,y', 'C,3,z']],
    ['B:B', ['1', '2', '3']],
    ["'Price list'!$A$1:$B$2", ['A,1']],
    ['Net', ['B,2']],
    ['prices', ['A,1', 'B,2']],
  ])('range %s', async (range, expected) => {
    expect((await taken(book, { range })).rows.map((row) => row.join(','))).toEqual(expected)
  })

  test('a sheet or a range that is not there', async () => {
    await using folder = await openFolder()
    await folder.put('book.xlsx', await xlsx(book))
    const missing = { name: 'book.xlsx', options: { sheet: 'Price List' } }
    // A target's sheet may be made: only who reads it misses it.
    expect(await folder.endpoint.describe(missing)).toBeUndefined()
    await using snapshot = await openSnapshot(folder.endpoint)
    await expect(snapshot.read({ source: { table: missing } })).rejects.toMatchObject({
      code: 'UNKNOWN_SHEET',
      message: 'book.xlsx has no sheet `Price List`; its sheets are Price list, Secret',
      hint: 'did you mean `Price list`?',
    })
    expect(await failure(book, { range: 'Price' })).toMatchObject({
      code: 'BAD_RANGE',
      message: 'book.xlsx: `Price` is no range: the book names Net, Prices',
      hint: 'did you mean `Prices`?',
    })
    expect(await failure(book, { range: 'Net', sheet: 'Secret' })).toMatchObject({ code: 'BAD_RANGE' })
    expect(await failure({ sheets: { May: '', June: '' } })).toMatchObject({
      code: 'SHEET_NEEDED',
      message: 'book.xlsx has 2 sheets: May, June',
      hint: 'name one: book.xlsx#May, or `sheet:`',
    })
  })

  test('some columns, some rows, types that are told', async () => {
    await using folder = await openFolder()
    await folder.put('book.xlsx', await xlsx(book))
    const ref = { name: 'book.xlsx', options: { columns: { net: 'decimal(10,2)' } } }
    expect(shownTypes(await folder.table(ref))).toEqual({ sku: 'text', net: 'decimal(10,2)', note: 'text' })
    expect(await folder.read(ref, { columns: ['note', 'sku'], limit: 2 })).toEqual([
      ['x', 'A'],
      ['y', 'B'],
    ])
    expect(await folder.bytes({ name: 'book.xlsx' })).toBe('"A",1,"x"\n"B",2,"y"\n"C",3,"z"\n')
  })
})

test('a book that changes after it was opened fails the read', async () => {
  await using folder = await openFolder()
  await folder.put('book.xlsx', await xlsx({ sheets: { A: rows(['id', 'v'], [1, 'x']) } }))
  await using snapshot = await openSnapshot(folder.endpoint)
  const read = await snapshot.read({ source: { table: { name: 'book.xlsx' } } })
  await folder.put('book.xlsx', await xlsx({ sheets: { A: rows(['id', 'v'], [1, 'other']) } }))
  await expect(folder.land(read)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
})

describe('how books are written by others', () => {
  const book: BookParts = { sheets: { A: rows(['id', 'name'], [1, 'x']) }, styles: [0, 14], strings: ['<si><t>s</t></si>'] }
  const expected = { types: { id: 'untyped', name: 'text' }, rows: [['1', 'x']] }
  const rewritten = (change: (text: string, name: string) => string | Uint8Array) =>
    zipped(Object.fromEntries(Object.entries(partsOf(book)).map(([name, text]) => [name, change(String(text), name)])))

  test('with a prefix on every element', async () => {
    const prefixed = (text: string, name: string) =>
      name.startsWith('xl/') && !name.endsWith('.rels') ? text.replace(/<(\/?)(\w)/g, '<$1x:$2').replaceAll('xmlns=', 'xmlns:x=') : text
    expect(await taken(await rewritten(prefixed))).toEqual(expected)
  })

  test('in the strict form, with absolute targets', async () => {
    const strict = (text: string) =>
      text
        .replaceAll('http://schemas.openxmlformats.org/spreadsheetml/2006/main', 'http://purl.oclc.org/ooxml/spreadsheetml/main')
        .replaceAll(
          'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
          'http://purl.oclc.org/ooxml/officeDocument/relationships',
        )
        .replaceAll('Target="w', 'Target="/xl/w')
    expect(await taken(await rewritten(strict))).toEqual(expected)
  })

  test('in UTF-16, with comments, in single quotes, with other names', async () => {
    const utf16 = (text: string, name: string) => {
      const odd = text.replaceAll('"', "'").replaceAll('<row', '<!-- a > b --><row').replaceAll('/sheet1.xml', '/blatt 1.xml')
      return name.includes('sheet') ? Buffer.from(`\ufeff${odd.replace('UTF-8', 'UTF-16')}`, 'utf16le') : odd
    }
    const parts = Object.entries(partsOf(book)).map(([name, text]) => [
      name.replace('/sheet1.xml', '/blatt 1.xml'),
      utf16(String(text), name),
    ])
    expect(await taken(await zipped(Object.fromEntries(parts)))).toEqual(expected)
  })
})
