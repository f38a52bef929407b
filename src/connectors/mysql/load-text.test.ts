import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NotDirectError } from '../../core/errors.ts'
import { type LoadColumn, loadText } from './load-text.ts'
import { parseLoadText } from './parse-load-text.ts'

const plain = (name: string): LoadColumn => ({ name, form: 'plain', required: false })

/** The text in pieces of some size. */
async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function translated(
  text: string,
  columns: readonly LoadColumn[],
  size = 7,
): Promise<{ readonly text: string; readonly rows: number }> {
  const parts: Buffer[] = []
  const sent = { rows: 0 }
  for await (const part of loadText(pieces(text, size), columns, sent)) parts.push(part)
  return { text: Buffer.concat(parts).toString(), rows: sent.rows }
}

const quotedCell = (text: string | null, always: boolean) =>
  text === null ? '' : always || text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

test('NULL, the empty text and the text NULL stay apart; every other byte stays as it is', async () => {
  const csv = 'a,,"",NULL,"NULL",null\n,"x,""y\nz",é,"","\\N",\\N\n'
  const six = ['a', 'b', 'c', 'd', 'e', 'f'].map(plain)
  expect(await translated(csv, six)).toEqual({
    text: 'a,NULL,"","NULL","NULL",null\nNULL,"x,""y\nz",é,"","\\N",\\N\n',
    rows: 2,
  })
})

test('booleans become numbers, instants lose their zone, the largest float its last digit', async () => {
  const columns: readonly LoadColumn[] = [
    { name: 'b', form: 'boolean', required: false },
    { name: 'i', form: 'instant', required: false },
    { name: 's', form: 'single', required: false },
  ]
  const csv = 't,2024-01-01 00:00:00+00,3.4028235e+38\nfalse,"2024-01-01 00:00:00.5+00",1.5\n2,,\n'
  expect((await translated(csv, columns)).text).toBe(
    '1,2024-01-01 00:00:00,3.4028234663852886e+38\n0,"2024-01-01 00:00:00.5",1.5\n2,NULL,NULL\n',
  )
})

test('a NULL where none may be is refused by the name of its column', async () => {
  const error = await translated('1\n""\n\n', [{ name: 'id', form: 'plain', required: true }]).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(NotDirectError)
  expect(error).toMatchObject({ message: expect.stringContaining('id') })
})

test('a text that ends inside quotes is no complete one', async () => {
  await expect(translated('"abc', [plain('a')])).rejects.toMatchObject({ code: 'READ_INCOMPLETE' })
})

test('any rows, cut anywhere, come through whole', async () => {
  const cell = fc.option(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\\', 'N', 'U', 'L', 'ä', '𝄞', ' ') }), { freq: 4 })
  const law = fc.asyncProperty(
    fc.array(fc.tuple(cell, cell, cell), { maxLength: 20 }),
    fc.integer({ min: 1, max: 40 }),
    fc.boolean(),
    async (rows, size, always) => {
      const csv = rows.map((row) => `${row.map((text) => quotedCell(text, always)).join(',')}\n`).join('')
      const { text, rows: count } = await translated(csv, [plain('a'), plain('b'), plain('c')], size)
      const parsed: (readonly (string | null)[])[] = []
      for await (const row of parseLoadText(pieces(text, size))) parsed.push(row)
      expect(parsed).toEqual(rows)
      expect(count).toBe(rows.length)
    },
  )
  await fc.assert(law, { numRuns: 200 })
})

test('fields longer than a chunk come through whole', async () => {
  const long = 'x"y'.repeat(300_000)
  const { text, rows } = await translated(`1,${quotedCell(long, true)},\n`, [plain('a'), plain('b'), plain('c')], 65_536)
  expect(rows).toBe(1)
  expect(text).toBe(`1,${quotedCell(long, true)},NULL\n`)
})
