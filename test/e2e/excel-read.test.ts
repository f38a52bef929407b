import { copyFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { type BookParts, partsOf, rows, xlsx, zipped } from '../files/book.ts'
import { command } from './command.ts'
import { World } from './world.ts'

const books = join(import.meta.dirname, '..', 'files', 'books')

type From = NonNullable<ConfigInput['syncs']>[string]['from']

const copy = (from: From, more: object = {}): ConfigInput => ({ syncs: { t: { from, to: './b.db#t', mode: 'replace', ...more } } })

const withBook = (name: string) => {
  const world = new World()
  copyFileSync(join(books, name), world.path(name))
  return world
}

describe('a book as other programs write it', () => {
  const expected = [
    ['A-1', '1.500', '0.250', '2024-02-29', '2024-02-29 23:59:58', '08:30:00', '30:05:00', 'plain', '3.00'],
    ['B "q", ü', '0.100', '1.000', '1999-12-31', '2024-01-01 00:00:00', '00:00:00', '25:00:00', 'line\nbreak', '0.20'],
    ['🎉', '-1234567.875', '0.005', '1900-03-01', '2024-06-30 12:00:01', '23:59:59', '100:00:00', '  spaced  out ', '-2469135.75'],
  ]

  test.each(['libreoffice.xlsx', 'libreoffice.ods', 'libreoffice.xls'])(
    '%s: values are exact, an error cell sets its row aside',
    async (name) => {
      using world = withBook(name)
      const config = copy(`./${name}#Prices`, { on_reject: 'continue', key: 'sku' })
      expect(await world.runOne(config)).toMatchObject({ status: 'succeeded', counts: { read: 4, inserted: 3, rejected: 1 } })
      expect(world.rows('b.db', 'SELECT sku, net, share, day, at, clock, span, note, gross FROM t ORDER BY sku')).toEqual(expected)
      expect(await world.rejects(config)).toMatchObject([
        { reason: 'value', column: 'ratio', row: { sku: 'C', net: '0', ratio: '#DIV/0!' } },
      ])
    },
  )

  test('a formula without a saved value sets its row aside and says so', async () => {
    using world = withBook('openpyxl.xlsx')
    const config = copy('./openpyxl.xlsx#Prices', { on_reject: 'continue' })
    expect(await world.runOne(config)).toMatchObject({ counts: { inserted: 0, rejected: 4 } })
    expect((await world.rejects(config))[0]).toMatchObject({
      column: 'gross',
      detail: expect.stringMatching(/`gross` holds no value: .* a formula without a saved value/),
      row: { gross: 'a formula without a saved value' },
    })
    const bounded = copy({ connection: './', object: 'openpyxl.xlsx', sheet: 'Prices', range: 'A:I' }, { to: './b.db#bounded' })
    expect(await world.runOne(bounded)).toMatchObject({ counts: { inserted: 4, rejected: 0 } })
  })

  test('a header of merged cells, a hidden sheet, a named range, days from 1904', async () => {
    using world = withBook('libreoffice.xlsx')
    await world.runOne(copy('./libreoffice.xlsx#Report'))
    expect(world.rows('b.db', 'SELECT sku, "2024 / Q2", "2025 / Q1" FROM t')).toEqual([
      ['A-1', 2n, 3n],
      ['B-2', 6n, 7n],
    ])
    await world.runOne(copy('./libreoffice.xlsx#Archive', { to: './b.db#archive' }))
    expect(world.rows('b.db', 'SELECT * FROM archive')).toEqual([[1n, 'old']])
    const range = { connection: './', object: 'libreoffice.xlsx', range: 'NetPrices' }
    expect(await world.runOne(copy(range, { to: './b.db#net' }))).toMatchObject({ counts: { inserted: 3 } })
    using old = withBook('xlwt-1904.xls')
    await old.runOne(copy({ connection: './', object: 'xlwt-1904.xls', range: 'A1:A2' }))
    expect(old.rows('b.db', 'SELECT day FROM t')).toEqual([['2024-02-29']])
  })
})

describe('options that pass over all that a sheet holds', () => {
  const past = [
    [{ header: 99 }, /`A` has rows \(the last one is row 2\), and `header: 99` finds/],
    [{ range: 'X:Z' }, /`range: X:Z` finds/],
  ] as const

  test.each(past)('%o is an error that says so', async (options, words) => {
    using world = new World()
    world.write('a.xlsx', await xlsx({ sheets: { A: rows(['id', 'name'], [1, 'x']) } }))
    const config = copy({ connection: './', object: 'a.xlsx', ...options })
    expect(await world.runOne(config)).toMatchObject({
      status: 'failed',
      error: { code: 'BAD_RANGE', message: expect.stringMatching(words) },
    })
  })
})

test('`formulas` under `from` is an error that says where it stands', async () => {
  using world = new World()
  const from = { connection: './', object: 'a.xlsx', formulas: 'values' }
  const config = { syncs: { t: { from, to: './b.db#t', mode: 'replace' } } } as ConfigInput
  await expect(world.run(config)).rejects.toMatchObject({
    message: expect.stringContaining('unknown key `formulas` in syncs.t.from'),
    hint: '`formulas` is for what is written: it stands under `to`',
  })
})

describe('an error cell', () => {
  const book: BookParts = {
    sheets: {
      A: `${rows(['id', 'name', 'net'])}<row><c><v>1</v></c><c t="str"><v>x</v></c><c><v>1.5</v></c></row><row><c><v>2</v></c><c t="e"><v>#N/A</v></c><c><v>2</v></c></row>`,
    },
  }

  test('is a reject even where the target takes any text, and its row in the target stays', async () => {
    using world = new World()
    world.write('a.xlsx', await xlsx(book))
    world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, net TEXT)', "INSERT INTO t VALUES (2, 'kept', '9')")
    const config = copy('./a.xlsx', { mode: 'mirror', key: 'id' })
    expect(await world.runOne(config)).toMatchObject({ counts: { inserted: 1, deleted: 0, rejected: 1 } })
    expect(world.rows('b.db', 'SELECT id, name FROM t ORDER BY id')).toEqual([
      [1n, 'x'],
      [2n, 'kept'],
    ])
    expect(await world.rejects(config)).toMatchObject([
      {
        reason: 'value',
        column: 'name',
        detail: expect.stringMatching(/`name` holds no value: an error such as #N\/A/),
        row: { id: '2', name: '#N/A' },
      },
    ])
  })

  test.each(['csv', 'json', 'parquet'])('never becomes text of a %s file', async (kind) => {
    using world = new World()
    world.write('a.xlsx', await xlsx(book))
    const stopped = await world.runOne(copy('./a.xlsx', { to: `./out.${kind}` }))
    expect(stopped).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('1 row cannot be delivered') } })
    expect(await world.runOne(copy('./a.xlsx', { to: `./out.${kind}`, on_reject: 'continue' }))).toMatchObject({
      counts: { inserted: 1, rejected: 1 },
    })
  })

  test('is passed over when types are inferred', async () => {
    using world = new World()
    world.write('a.xlsx', await xlsx({ sheets: { A: `${rows(['net'], [1.5], [2.25])}<row><c t="e"><v>#REF!</v></c></row>` } }))
    await world.runOne(copy('./a.xlsx', { on_reject: 'continue' }))
    expect(world.rows('b.db', 'SELECT net FROM t')).toEqual([['1.50'], ['2.25']])
  })
})

describe('books together', () => {
  test('a glob is one dataset; a column is typed by the cells of all', async () => {
    using world = new World()
    world.write('2024.xlsx', await xlsx({ sheets: { A: rows(['id', 'v'], [1, 5]) } }))
    world.write('2025.xlsx', await xlsx({ sheets: { B: rows(['id', 'v'], [2, 'x'], [3, 1.5]) } }))
    expect(await world.runOne(copy('./202*.xlsx'))).toMatchObject({ counts: { inserted: 3 } })
    expect(world.rows('b.db', 'SELECT * FROM t ORDER BY id')).toEqual([
      [1n, '5'],
      [2n, 'x'],
      [3n, '1.5'],
    ])
    world.write('2026.xlsx', await xlsx({ sheets: { A: rows(['id', 'w'], [1, 5]) } }))
    expect((await world.runOne(copy('./202*.xlsx'))).error?.message).toBe(
      '2026.xlsx: expected the columns of 2024.xlsx in the same order, found id, w',
    )
  })

  test('a second run of an unchanged mirror finds nothing', async () => {
    using world = withBook('libreoffice.xlsx')
    const config = copy({ connection: './', object: 'libreoffice.xlsx', sheet: 'Prices', range: 'A1:J4' }, { mode: 'mirror', key: 'sku' })
    expect(await world.runOne(config)).toMatchObject({ counts: { inserted: 3 } })
    expect(await world.runOne(config)).toMatchObject({ counts: { inserted: 0, updated: 0, deleted: 0, unchanged: 3 } })
  })
})

describe('the command line', () => {
  test('names the sheet that a copy reads or writes, in its run as in its errors', async () => {
    using world = new World()
    world.write('a.xlsx', await xlsx({ sheets: { A: rows(['id'], [1]), B: '' } }))
    const { stdout } = await command(world.folder, ['copy', './a.xlsx#A', './b.xlsx#New', '--json'])
    expect(JSON.parse(stdout).runs).toMatchObject([{ sync: './a.xlsx#A to ./b.xlsx#New', status: 'succeeded' }])
    const empty = await command(world.folder, ['copy', './a.xlsx#B', './c.csv', '--json'])
    expect(JSON.parse(empty.stdout).runs).toMatchObject([{ error: { message: expect.stringContaining('./a.xlsx#B is empty') } }])
  })

  test('tells the sheets of a book, and the columns of one', async () => {
    using world = withBook('libreoffice.xlsx')
    const all = await command(world.folder, ['discover', './libreoffice.xlsx'])
    expect(all.code).toBe(64)
    expect(all.stderr).toContain('libreoffice.xlsx has 3 sheets: Prices, Archive, Report')
    const one = await command(world.folder, ['discover', './libreoffice.xlsx#Archive', '--json'])
    expect(one.stdout).toContain('"name"')
    expect(one.code).toBe(0)
    const none = await command(world.folder, ['discover', './libreoffice.xlsx#Old'])
    expect(none.stderr).toContain('./libreoffice.xlsx#Old does not exist')
  })
})

describe('a bad book fails the run, says what to do, and leaves the target as it was', () => {
  async function failing(content: Uint8Array | string, name = 'in.xlsx', from: From = `./${name}`) {
    using world = new World()
    world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', "INSERT INTO t VALUES (1, 'kept')")
    world.write(name, content)
    const result = await world.runOne(copy(from, { mode: 'mirror', key: 'id' }))
    expect(world.rows('b.db', 'SELECT * FROM t')).toEqual([[1n, 'kept']])
    expect(result.status).toBe('failed')
    expect(result.error?.hint).toBeTruthy()
    return result.error
  }

  const book: BookParts = {
    sheets: {
      A: `${rows(['id', 'v'])}${Array.from({ length: 3000 }, (_, at) => `<row r="${at + 2}"><c><v>${at}</v></c><c t="s"><v>${at % 3}</v></c></row>`).join('')}`,
    },
    strings: ['<si><t>one</t></si>', '<si><t>two</t></si>', '<si><t>three</t></si>'],
  }
  const changed = (part: string, change: (text: string) => string | undefined) =>
    zipped({ ...partsOf(book), [part]: change(String(partsOf(book)[part])) })

  test.each([
    ['no book at all', 'id,v\n1,2\n', /in\.xlsx: expected a book, found another kind of file/],
    ['HTML', '<html><table><tr><td>id</td></tr></table></html>', /found HTML/],
    ['nothing', '', /found an empty file/],
  ])('%s', async (_, content, message) => {
    expect((await failing(content))?.message).toMatch(message)
  })

  test('a zip file that holds no book', async () => {
    expect((await failing(await zipped({ 'a.txt': 'x' })))?.message).toContain('found a zip file that holds none')
  })

  test('a book with a password', async () => {
    using world = withBook('locked.xlsx')
    expect((await world.runOne(copy('./locked.xlsx'))).error).toMatchObject({
      code: 'PASSWORD_PROTECTED',
      message: 'locked.xlsx is protected by a password',
    })
  })

  test.each([0.1, 0.5, 0.9, 0.999])('the first %d of a book', async (share) => {
    const whole = await xlsx(book)
    expect((await failing(whole.subarray(0, Math.floor(whole.length * share))))?.message).toMatch(/in\.xlsx is cut short or damaged/)
  })

  test.each(['libreoffice.xls', 'libreoffice.ods'])('half of %s', async (name) => {
    using world = withBook(name)
    truncateSync(world.path(name), 5000)
    expect((await world.runOne(copy(`./${name}#Prices`))).error?.message).toMatch(/cut short/)
  })

  test.each([
    ['a sheet that is cut short within a row', 'xl/worksheets/sheet1.xml', (text: string) => text.slice(0, text.length / 2)],
    ['a sheet that is cut short between rows', 'xl/worksheets/sheet1.xml', (text: string) => text.slice(0, text.lastIndexOf('<row'))],
    ['a sheet without its last tag', 'xl/worksheets/sheet1.xml', (text: string) => text.replace('</worksheet>', '')],
    ['texts that are cut short', 'xl/sharedStrings.xml', (text: string) => text.slice(0, -20)],
    ['texts that are missing', 'xl/sharedStrings.xml', (text: string) => text.replace('<si><t>three</t></si>', '')],
    ['a part that is missing', 'xl/sharedStrings.xml', () => undefined],
    ['a sheet that is missing', 'xl/worksheets/sheet1.xml', () => undefined],
    ['a number that is none', 'xl/worksheets/sheet1.xml', (text: string) => text.replace('<v>7</v>', '<v>seven</v>')],
    ['rows out of order', 'xl/worksheets/sheet1.xml', (text: string) => text.replace('r="9"', 'r="3"')],
    [
      'a document type',
      'xl/worksheets/sheet1.xml',
      (text: string) => text.replace('<worksheet', '<!DOCTYPE w [<!ENTITY a "aaaa">]><worksheet'),
    ],
    ['an entity that nobody declared', 'xl/sharedStrings.xml', (text: string) => text.replace('<t>one', '<t>&one;')],
    ['bytes that are no UTF-8', 'xl/sharedStrings.xml', (text: string) => text],
  ])('%s', async (name, part, change) => {
    const bytes = name.startsWith('bytes') ? await broken(part) : await changed(part, change)
    expect((await failing(bytes))?.message).toMatch(/^in\.xlsx/)
  })

  async function broken(part: string): Promise<Uint8Array> {
    const text = Buffer.from(String(partsOf(book)[part]))
    text[text.indexOf('<t>one') + 3] = 0xff
    return await zipped({ ...partsOf(book), [part]: text })
  }

  test('a bit that fell over', async () => {
    const bytes = Buffer.from(await xlsx(book))
    const at = bytes.indexOf('xl/worksheets/sheet1.xml') + 200
    bytes[at] = (bytes[at] ?? 0) ^ 4
    expect((await failing(bytes))?.code).toBe('DAMAGED_FILE')
  })

  test('a zip bomb', async () => {
    const bomb = await changed('xl/worksheets/sheet1.xml', (text) => text.replace('</sheetData>', `${' '.repeat(80 << 20)}</sheetData>`))
    expect(bomb.length).toBeLessThan(200_000)
    expect((await failing(bomb))?.code).toBe('ZIP_BOMB')
  })

  test('a sheet, a range or an option that is not there', async () => {
    const bytes = await xlsx(book)
    expect((await failing(bytes, 'in.xlsx', './in.xlsx#B'))?.message).toBe('in.xlsx has no sheet `B`; its sheets are A')
    const range = { connection: './', object: 'in.xlsx', range: 'Nowhere' }
    expect((await failing(bytes, 'in.xlsx', range))?.message).toBe('in.xlsx: `Nowhere` is no range: the book names no ranges')
    expect((await failing('id,v\n1,a\n', 'in.csv', './in.csv#A'))?.message).toBe('`sheet`: in.csv is no book, so it has no sheets')
  })
})
