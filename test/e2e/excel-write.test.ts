import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { type BookParts, changedParts, richBook, unzipped, zipped } from '../files/rich-book.ts'
import { installedCommand } from '../services/installed-command.ts'
import { World } from './world.ts'

const entry = await installedCommand()

type To = NonNullable<ConfigInput['syncs']>[string]['to']

function sync(from: unknown, to: To | string, mode: 'replace' | 'mirror' | 'upsert' | 'append', more: object = {}): ConfigInput {
  const key = mode === 'mirror' || mode === 'upsert' ? { key: 'sku' } : {}
  return { syncs: { s: { from, to, mode, guard: { deletes: '100%' }, ...key, ...more } } } as ConfigInput
}

const prices: To = { connection: './', object: 'book.xlsm', sheet: 'Prices', header: 3, formulas: 'values' }

const partsOf = (world: World, name = 'book.xlsm'): BookParts => unzipped(readFileSync(world.path(name)))

/** Cells of a sheet in short: reference, style, type, text. */
function cells(xml = ''): readonly string[] {
  return [...xml.matchAll(/<c r="([A-Z]+\d+)"(?: s="(\d+)")?(?: t="(\w+)")?(?:\/>|>(.*?)<\/c>)/g)].map(
    ([, at, style = '', type = '', content = '']) => [at, style, type, content.replace(/<[^>]*>/g, '')].join(' '),
  )
}

describe('a sheet inside a book', () => {
  test('is replaced, and every part that knows nothing of its rows stays byte for byte', async () => {
    using world = new World()
    world.write('book.xlsm', zipped(richBook))
    world.write(
      'in.csv',
      'sku,name,price,since\nA1,Thing one,99.25,2026-01-02\nA7,=1+1,0.10,2026-02-03\nA9,,12345678901234567890.12,1850-05-05\n',
    )
    const done = await world.runOne(sync('./in.csv', prices, 'mirror'))
    expect(done).toMatchObject({ status: 'succeeded', counts: { inserted: 2, updated: 1, deleted: 1 } })
    const after = partsOf(world)
    expect(changedParts(richBook, after)).toEqual([
      '[Content_Types].xml',
      'xl/_rels/workbook.xml.rels',
      'xl/calcChain.xml',
      'xl/styles.xml',
      'xl/workbook.xml',
      'xl/worksheets/sheet1.xml',
    ])
    expect(after['xl/calcChain.xml']).toBeUndefined()
    expect(after['[Content_Types].xml']).toBe(
      richBook['[Content_Types].xml']?.replace(/<Override PartName="\/xl\/calcChain.xml"[^>]*>/, ''),
    )
    expect(after['xl/_rels/workbook.xml.rels']).toBe(richBook['xl/_rels/workbook.xml.rels']?.replace(/<Relationship Id="rId6"[^>]*>/, ''))
    expect(after['xl/workbook.xml']).toBe(
      richBook['xl/workbook.xml']?.replace('calcId="191029"', 'calcId="191029" fullCalcOnLoad="1"').replace('$A$3:$D$5', '$A$3:$D$6'),
    )
    const [before = '', now = ''] = [richBook, after].map((parts) => parts['xl/worksheets/sheet1.xml'])
    const outside = (xml: string) => xml.replace(/<row r="[4-9]".*(?=<\/sheetData>)/, '')
    expect(outside(now)).toBe(
      outside(before)
        .replace('<dimension ref="A1:E5"/>', '')
        .replace(/<autoFilter .*<\/autoFilter>/, '<autoFilter ref="A3:D6"/>')
        .replace('<mergeCells count="2"><mergeCell ref="A1:D1"/><mergeCell ref="A5:B5"/>', '<mergeCells count="1"><mergeCell ref="A1:D1"/>')
        .replace(/<hyperlinks>.*<\/hyperlinks>/, ''),
    )
    expect(cells(now).slice(5)).toEqual([
      'A4 4 inlineStr A1',
      'B4 4 inlineStr Thing one',
      'C4 2  99.25',
      'D4 3  46024',
      'A5 4 inlineStr A7',
      'B5 4 inlineStr =1+1',
      'C5 2  0.10',
      'D5 3  46056',
      'A6 4 inlineStr A9',
      'C6 2 inlineStr 12345678901234567890.12',
      'D6 4 inlineStr 1850-05-05',
    ])
  })

  test('is in step at the second run, and the book then stays as it is', async () => {
    using world = new World()
    world.write('book.xlsm', zipped(richBook))
    world.write('in.csv', 'sku,name,price,since\nA1,"",99.25,1850-05-05\nA7,x,12345678901234567890.12,2026-02-03\nA8,,5,\n')
    await world.runOne(sync('./in.csv', prices, 'mirror'))
    const written = readFileSync(world.path('book.xlsm'))
    expect(await world.runOne(sync('./in.csv', prices, 'mirror'))).toMatchObject({
      status: 'succeeded',
      counts: { inserted: 0, updated: 0, deleted: 0, unchanged: 3 },
    })
    expect(readFileSync(world.path('book.xlsm')).equals(written)).toBe(true)
    // A third one with a change adds no styles: those of the first are used again.
    world.write('in.csv', 'sku,name,price,since\nA1,"",99.25,1850-05-05\nA7,y,12345678901234567890.12,2026-02-03\nA8,,5,\n')
    await world.runOne(sync('./in.csv', prices, 'mirror'))
    expect(changedParts(unzipped(written), partsOf(world))).toEqual(['xl/worksheets/sheet1.xml'])
  })

  test('is appended to behind its last value: rows, formulas and formats that are there stay', async () => {
    using world = new World()
    world.write('book.xlsm', zipped(richBook))
    world.write('in.csv', 'sku,price,since,extra\nB1,7,2026-03-01,true\n')
    expect(await world.runOne(sync('./in.csv', prices, 'append'))).toMatchObject({ status: 'succeeded', counts: { inserted: 1 } })
    const after = partsOf(world)
    expect(changedParts(richBook, after)).toEqual(['xl/styles.xml', 'xl/workbook.xml', 'xl/worksheets/sheet1.xml'])
    const sheet = after['xl/worksheets/sheet1.xml'] ?? ''
    expect(sheet).toContain('<row r="4" hidden="1"><c r="A4" t="s"><v>5</v></c><c r="B4" t="s"><v>6</v></c><c r="C4" s="2"><f>5*2.1</f>')
    expect(sheet).toContain('<hyperlink ref="A4" location="Sums!A1"/>')
    expect(sheet).toContain('<autoFilter ref="A3:D6"><filterColumn')
    expect(cells(sheet)).toContain('E3 1 inlineStr extra')
    expect(cells(sheet).slice(-4)).toEqual(['A6 4 inlineStr B1', 'C6 2  7', 'D6 3  46082', 'E6  b 1'])
    expect(sheet).not.toContain('r="9"')
  })

  test('with a table: the table reaches as far as the rows', async () => {
    using world = new World()
    world.write('book.xlsx', zipped(richBook))
    world.write('in.csv', 'sku,qty\nA0,5\nA1,6\nA2,7\n')
    await world.runOne(sync('./in.csv', './book.xlsx#Stock', 'upsert'))
    const after = partsOf(world, 'book.xlsx')
    expect(changedParts(richBook, after)).toEqual(['xl/styles.xml', 'xl/tables/table1.xml', 'xl/workbook.xml', 'xl/worksheets/sheet3.xml'])
    expect(after['xl/tables/table1.xml']).toBe(richBook['xl/tables/table1.xml']?.replaceAll('A1:B2', 'A1:B4'))
  })

  test('with a table that ends in totals is refused and left as it was', async () => {
    using world = new World()
    const table = richBook['xl/tables/table1.xml']?.replace('totalsRowShown="0"', 'totalsRowCount="1"') ?? ''
    world.write('book.xlsx', zipped({ ...richBook, 'xl/tables/table1.xml': table }))
    const before = readFileSync(world.path('book.xlsx'))
    world.write('in.csv', 'sku,qty\nA0,6\n')
    expect(await world.runOne(sync('./in.csv', './book.xlsx#Stock', 'upsert'))).toMatchObject({
      status: 'failed',
      error: { code: 'TABLE_IN_THE_WAY', message: expect.stringContaining('`Stock`') },
    })
    expect(readFileSync(world.path('book.xlsx')).equals(before)).toBe(true)
    expect(readdirSync(world.folder).filter((name) => name.includes('.tmp'))).toEqual([])
  })

  test('that is not there is added behind the others', async () => {
    using world = new World()
    world.write('book.xlsx', zipped(richBook))
    world.write('in.csv', 'sku,qty\nA0,5\n')
    await world.runOne(sync('./in.csv', './book.xlsx#New & old', 'mirror'))
    const after = partsOf(world, 'book.xlsx')
    expect(changedParts(richBook, after)).toEqual([
      '[Content_Types].xml',
      'xl/_rels/workbook.xml.rels',
      'xl/styles.xml',
      'xl/workbook.xml',
      'xl/worksheets/sheet4.xml',
    ])
    expect(after['xl/workbook.xml']).toBe(
      richBook['xl/workbook.xml']?.replace('</sheets>', '<sheet name="New &amp; old" sheetId="8" r:id="rId8"/></sheets>'),
    )
    expect((await world.runOne(sync('./in.csv', './book.xlsx#New & old', 'mirror'))).counts).toMatchObject({ unchanged: 1 })
  })
})

describe('former cells that would be lost', () => {
  const header = '<row r="1"><c r="A1" t="str"><v>sku</v></c><c r="B1" t="str"><v>qty</v></c><c r="C1" t="str"><v>gross</v></c></row>'
  const book = (cell: string): BookParts => ({
    ...richBook,
    'xl/worksheets/sheet2.xml': `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${header}<row r="2"><c r="A2" t="str"><v>A0</v></c><c r="B2"><v>5</v></c>${cell}</row></sheetData></worksheet>`,
  })
  const unsaved = '<c r="C2"><f>B2*2</f></c>'
  const error = '<c r="C2" t="e"><f>B2/0</f><v>#DIV/0!</v></c>'
  const saved = '<c r="C2"><f>B2*2</f><v>10</v></c>'

  const modes = ['upsert', 'mirror', 'replace'] as const
  const lost = modes.flatMap((mode) => [
    [mode, 'a formula without a saved value', unsaved, 'CELLS_WITHOUT_VALUE'] as const,
    [mode, 'an error', error, 'CELLS_WITHOUT_VALUE'] as const,
    [mode, 'a formula with a saved value', saved, 'FORMULAS_IN_THE_WAY'] as const,
  ])

  test.each(lost)('%s refuses %s, in its plan and before anything is written', async (mode, _, cell, code) => {
    using world = new World()
    world.write('book.xlsx', zipped(book(cell)))
    world.write('in.csv', 'sku,qty\nA0,6\nA1,7\n')
    // Whatever is told of formulas, a cell without a value is none that could be written again.
    const formulas = code === 'CELLS_WITHOUT_VALUE' ? { formulas: 'values' as const } : {}
    const config = sync('./in.csv', { connection: './', object: 'book.xlsx', sheet: 'Sums', ...formulas }, mode)
    const refused = { status: 'failed', error: { code, message: expect.stringMatching(/`Sums`.*1 cell in column `gross`/) } }
    expect(await world.plan(config)).toMatchObject(refused)
    expect(await world.runOne(config)).toMatchObject(refused)
    expect(changedParts(book(cell), partsOf(world, 'book.xlsx'))).toEqual([])
  })

  test('formulas become their values where the target says so', async () => {
    using world = new World()
    world.write('book.xlsx', zipped(book(saved)))
    world.write('in.csv', 'sku,qty\nA0,6\n')
    const to = { connection: './', object: 'book.xlsx', sheet: 'Sums', formulas: 'values' } as const
    expect(await world.runOne(sync('./in.csv', to, 'upsert'))).toMatchObject({
      status: 'succeeded',
      counts: { updated: 1 },
      details: { notes: expect.arrayContaining(['columns that only the target has keep their values: gross']) },
    })
    expect(
      cells(partsOf(world, 'book.xlsx')['xl/worksheets/sheet2.xml'])
        .map((cell) => cell.replace(/ \d* /, ' '))
        .at(-1),
    ).toBe('C2  10')
  })

  test('rows are appended behind them, and they stay', async () => {
    using world = new World()
    world.write('book.xlsx', zipped(book(unsaved)))
    world.write('in.csv', 'sku,qty\nA1,6\n')
    expect(await world.runOne(sync('./in.csv', './book.xlsx#Sums', 'append'))).toMatchObject({
      status: 'succeeded',
      counts: { inserted: 1 },
    })
    expect(partsOf(world, 'book.xlsx')['xl/worksheets/sheet2.xml']).toContain(unsaved)
  })
})

describe('a new book', () => {
  test('has typed cells, a header that stays in view, and widths; what Excel cannot hold is text', async () => {
    using world = new World()
    const header = 'id,name,amount,big,active,day,at,clock,instant,doc\n'
    const first =
      '1,Ada & <Co>,12.50,900719925474099,true,2026-02-03,2026-02-03 04:05:06.789,12:30:00,2026-02-03 04:05:06+00,"{""a"": 1}"\n'
    const second = '2,"  x\n_x0041_ ",123456789012345678.25,9007199254740993,false,1899-12-31,2026-02-03 04:05:06.000001,24:00:00,,\n'
    world.write('in.csv', header + first + second)
    const columns = {
      id: 'integer',
      amount: 'decimal(20,2)',
      big: 'bigint',
      active: 'boolean',
      day: 'date',
      at: 'timestamp',
      clock: 'time',
      instant: 'timestamptz',
      doc: 'json',
    }
    const config = {
      syncs: { s: { from: { connection: './', object: 'in.csv', columns }, to: './out.xlsx#Data', mode: 'mirror', key: 'id' } },
    }
    expect(await world.runOne(config as ConfigInput)).toMatchObject({ status: 'succeeded', counts: { inserted: 2 } })
    const parts = partsOf(world, 'out.xlsx')
    const sheet = parts['xl/worksheets/sheet1.xml'] ?? ''
    expect(sheet).toContain('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>')
    expect([...sheet.matchAll(/<col min="(\d+)" max="\d+" width="([\d.]+)"/g)].map(([, , width]) => Number(width))).toEqual([
      8.43, 12, 23, 18, 8.6, 12, 28, 10, 24, 10,
    ])
    const codes = ['A2', 'C2', 'F2', 'G2', 'H2'].map((at) => numberFormat(parts, sheet, at))
    expect(codes).toEqual(['1', '2', 'yyyy-mm-dd', 'yyyy-mm-dd hh:mm:ss.000', 'hh:mm:ss'])
    const shown = cells(sheet).map((cell) => cell.replace(/^(\w+) \d*/, '$1'))
    expect(shown.slice(10)).toEqual([
      'A2  1',
      'B2 inlineStr Ada &amp; &lt;Co&gt;',
      'C2  12.50',
      'D2  900719925474099',
      'E2 b 1',
      'F2  46056',
      'G2  46056.170217465275',
      'H2  0.5208333333333334',
      'I2 inlineStr 2026-02-03 04:05:06+00',
      'J2 inlineStr {"a": 1}',
      'A3  2',
      'C3 inlineStr 123456789012345678.25',
      'D3 inlineStr 9007199254740993',
      'E3 b 0',
      'F3 inlineStr 1899-12-31',
      'G3 inlineStr 2026-02-03 04:05:06.000001',
      'H3 inlineStr 24:00:00',
    ])
    expect(sheet).toContain('<t xml:space="preserve">  x\n_x005F_x0041_ </t>')
    expect((await world.runOne(config as ConfigInput)).counts).toMatchObject({ unchanged: 2, inserted: 0, updated: 0, deleted: 0 })
  })

  test('a run that is killed leaves the former book; the next one ends in step', { timeout: 60_000 }, async () => {
    using world = new World()
    world.write('in.csv', 'sku,v\n1,a\n')
    world.write('syncline.yaml', 'syncs: { s: { from: ./in.csv, to: "./out.xlsx#Data", mode: mirror, key: sku } }\n')
    expect(await run(world)).toBe(0)
    const before = readFileSync(world.path('out.xlsx'))
    world.write('in.csv', `sku,v\n${Array.from({ length: 60_000 }, (_, n) => `${n},${'x'.repeat(n % 90)}\n`).join('')}`)
    expect(await run(world, isWriting)).toBe(null)
    expect(isWriting(world)).toBe(true)
    expect(readFileSync(world.path('out.xlsx')).equals(before)).toBe(true)
    expect(await run(world)).toBe(0)
    expect(isWriting(world)).toBe(false)
    expect((await world.runOne(sync('./out.xlsx#Data', './b.db#t', 'mirror'))).counts).toMatchObject({ inserted: 60_000 })
  })
})

describe('what a book cannot hold', () => {
  test.each(['new', 'existing'])('a text that is too long for a cell is a reject of its row: %s book', async (kind) => {
    using world = new World()
    world.write('in.csv', 'sku,v\n1,a\n2,b\n')
    if (kind === 'existing') await world.runOne(sync('./in.csv', './out.xlsx#Data', 'mirror'))
    world.write('in.csv', `sku,v\n1,a\n2,${'x'.repeat(32_768)}\n3,${'y'.repeat(32_767)}\n`)
    const config = sync('./in.csv', './out.xlsx#Data', 'mirror', { on_reject: 'continue' })
    expect(await world.runOne(config)).toMatchObject({ status: 'succeeded', counts: { rejected: 1 } })
    expect((await world.rejects(config)).map(({ detail }) => detail)).toEqual([expect.stringMatching(/^v .*32767/)])
    expect((await world.runOne(config)).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0 })
  })

  test('a microsecond comes into a column of milliseconds as text', async () => {
    using world = new World()
    world.write('in.csv', 'sku,at\n1,2026-02-03 04:05:06.789\n')
    await world.runOne(sync('./in.csv', './out.xlsx#Data', 'mirror'))
    world.write('in.csv', 'sku,at\n1,2026-02-03 04:05:06.789\n2,2026-02-03 04:05:06.000001\n')
    expect(await world.runOne(sync('./in.csv', './out.xlsx#Data', 'mirror'))).toMatchObject({ counts: { inserted: 1, rejected: 0 } })
    expect((await world.runOne(sync('./in.csv', './out.xlsx#Data', 'mirror'))).counts).toMatchObject({ unchanged: 2 })
  })
})

describe('refused with a clear error, and nothing is written', () => {
  const inputs: Readonly<Record<string, readonly [to: string, csv: string, code: string, words: RegExp]>> = {
    'a name that is too long': [`./out.xlsx#${'n'.repeat(32)}`, 'sku\n1\n', 'BAD_SHEET_NAME', /32 characters/],
    'a name with a colon': ['./out.xlsx#a:b', 'sku\n1\n', 'BAD_SHEET_NAME', /`:`/],
    'a name that differs in case only': ['./book.xlsx#pRices', 'sku\n1\n', 'BAD_SHEET_NAME', /`Prices`/],
    'a book in an old format': ['./out.xls#a', 'sku\n1\n', 'NOT_WRITABLE', /read only/],
    'a new book with macros': ['./out.xlsm#a', 'sku\n1\n', 'NOT_WRITABLE', /macros/],
    'a row without a value': ['./out.xlsx#a', 'sku,v\n1,a\n,\n', 'CANNOT_HOLD', /every column is NULL/],
  }

  test.each(Object.entries(inputs))('%s', async (_, [to, csv, code, words]) => {
    using world = new World()
    world.write('book.xlsx', zipped(richBook))
    world.write('in.csv', csv)
    const before = readdirSync(world.folder).sort()
    expect(await world.runOne(sync('./in.csv', to, 'replace'))).toMatchObject({
      status: 'failed',
      error: { code, message: expect.stringMatching(words) },
    })
    expect(readdirSync(world.folder).filter((name) => name !== '.syncline')).toEqual(before)
  })

  test.each(['~$book.xlsx', '.~lock.book.xlsx#'])('a book that is open elsewhere, as %s says', async (mark) => {
    using world = new World()
    world.write('book.xlsx', zipped(richBook))
    world.write(mark, 'somebody')
    world.write('in.csv', 'sku,qty\nA0,9\n')
    expect(await world.runOne(sync('./in.csv', './book.xlsx#Stock', 'mirror'))).toMatchObject({
      status: 'failed',
      error: { code: 'BOOK_OPEN', fix: 'retry', hint: expect.stringContaining(mark) },
    })
    expect(changedParts(richBook, partsOf(world, 'book.xlsx'))).toEqual([])
  })
})

function numberFormat(parts: BookParts, sheet: string, at: string): string | undefined {
  const style = Number(new RegExp(`r="${at}" s="(\\d+)"`).exec(sheet)?.[1])
  const formats = /<cellXfs.*<\/cellXfs>/.exec(parts['xl/styles.xml'] ?? '')?.[0].match(/<xf [^>]*>/g) ?? []
  const id = /numFmtId="(\d+)"/.exec(formats[style] ?? '')?.[1]
  return new RegExp(`numFmtId="${id}" formatCode="([^"]*)"`).exec(parts['xl/styles.xml'] ?? '')?.[1] ?? id
}

function isWriting(world: World): boolean {
  return readdirSync(world.folder).some((name) => name.startsWith('.out.xlsx.syncline-'))
}

/** Runs the command, kills it once `moment` has come, and gives its exit code: `null` where it was killed. */
async function run(world: World, moment?: (world: World) => boolean): Promise<number | null> {
  const child = spawn(process.execPath, [entry, 'run', '--quiet'], { cwd: world.folder, stdio: 'ignore' })
  const watch = moment && setInterval(() => moment(world) && child.kill('SIGKILL'), 1)
  const code = await new Promise<number | null>((settle) => child.on('close', settle))
  clearInterval(watch)
  return code
}
