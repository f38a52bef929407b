import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ColumnSet } from './column-set.ts'
import { CsvPage, pageDecoder } from './csv-page.ts'
import { type JsonObject, parseExact } from './exact-json.ts'
import { Spool } from './spool.ts'
import { spooledRows } from './spooled-rows.ts'

/** Rows through a spool, as CSV. */
async function csvOf(rows: readonly JsonObject[], limit?: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-spool-'))
  try {
    await using spool = await Spool.open(join(folder, 'rows'))
    const columns = new ColumnSet({})
    for (const row of rows) spool.add(columns.record(row, false))
    const download = { columns, spools: [spool], rows: spool.rows, [Symbol.asyncDispose]: async () => {} }
    const { signal } = new AbortController()
    const [stream] = spooledRows(download, { subject: 'test', limit, signal }).csv?.(1) ?? []
    return stream ? await text(stream) : ''
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** CSV as the connector itself reads it, in chunks of so many bytes. */
function read(csv: string, size: number): readonly JsonObject[] {
  const rows: JsonObject[] = []
  const page = new CsvPage({ row: (row) => void rows.push(row), fact: () => {} }, ',', pageDecoder('utf-8'))
  const bytes = Buffer.from(csv)
  for (let at = 0; at < bytes.length; at += size) page.write(bytes.subarray(at, at + size))
  page.finish()
  return rows
}

test('NULL, empty text and marks stay apart', async () => {
  const rows = [null, '', ' ', 'a', '"', ',', 'a,b', '\n', '\\.', 'NULL', ' x', 'x ', '\u2028'].map((a) => ({ a, b: 'end' }))
  expect(await csvOf(rows)).toBe(
    ',end\n"",end\n" ",end\na,end\n"""",end\n",",end\n"a,b",end\n"\n",end\n"\\.",end\nNULL,end\n" x",end\n"x ",end\n"\u2028",end\n',
  )
})

test('a limit is kept', async () => {
  expect(await csvOf([{ a: 'x' }, { a: 'y' }, { a: 'z' }], 2)).toBe('x\ny\n')
})

test('law: any texts come back as they were, however the bytes are cut', async () => {
  const cell = fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', ' ', '"', ',', '\r\n', '""', 'a"b')))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1 }), fc.integer({ min: 1, max: 20 }), async (cells, size) => {
      const rows = cells.map(([a, b]) => ({ a: a?.toWellFormed() ?? null, b: b?.toWellFormed() ?? null, end: 'x' }))
      expect(read(`a,b,end\n${await csvOf(rows)}`, size)).toEqual(rows)
    }),
  )
})

test('a column that is nested once is JSON throughout', async () => {
  const rows = ['{"a":"x","b":1}', '{"a":{"n":1.50},"b":true}', '{"a":2.0,"b":null}'].map((row) => parseExact(row) as JsonObject)
  expect(await csvOf(rows)).toBe('"""x""",1\n"{""n"":1.50}",true\n2.0,\n')
})

test.each([
  ['a,b\n1\n', 'record 2 of the CSV: expected 2 fields'],
  ['a,b\n1,"2\n', 'cut short'],
  ['a,b\n1,2"3\n', 'quotes only around a whole field'],
  ['a,b\n1,"2"3\n', 'a delimiter or the end of the line after a quote'],
  ['a,a\n1,2\n', 'a name of its own'],
  ['a,\n1,2\n', 'to have a name'],
  ['', 'found nothing'],
])('%j is refused', (csv, message) => {
  for (const size of [1, 100]) expect(() => read(csv, size)).toThrow(message)
})
