import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CsvCount, counted } from './csv-count.ts'
import { profile } from './csv-dialect.ts'
import { CsvScan, scanned } from './csv-scan.ts'
import { Utf8Proof } from './utf8-proof.ts'

const cell = fc.oneof(
  fc.constantFrom('', '""', '"\n"', '""""', '"a,""b"""', 'é', '€', '"\n\n🙂"', 'plain'),
  fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => `"${text.replaceAll('\r', '').replaceAll('"', '""')}"`),
)
const sizes = fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1 })

test('a count agrees with a walk through every field, wherever the text is cut', async () => {
  const records = fc.array(fc.tuple(cell, cell), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(records, sizes, fc.boolean(), async (rows, cuts, ended) => {
      const lines = rows.map((cells) => cells.join(',')).join('\n')
      const text = Buffer.from(rows.length > 0 && ended ? `${lines}\n` : lines)
      const walk = new CsvScan({ file: 'f', dialect: profile, fields: 2, header: false })
      const facts = await scanned(chunksOf(text, [1000]), walk)
      const count = new CsvCount()
      const passed = await gather(counted(chunksOf(text, cuts), count, 'f'))
      expect(passed.toString()).toBe(lines === '' ? '' : `${lines}\n`)
      const { rows: found, longest, innerNewlines } = count
      expect({ rows: found, longest, innerNewlines }).toEqual({
        rows: facts.rows,
        longest: facts.longest,
        innerNewlines: facts.innerNewlines,
      })
    }),
  )
})

test('blank lines are rows: NULL in a table of one column', async () => {
  const count = new CsvCount()
  await gather(counted(chunksOf(Buffer.from('\n\na\n\n'), [2]), count, 'f'))
  expect(count.rows).toBe(4)
})

test('bytes are UTF-8 in parts where they are as a whole', () => {
  const bytes = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 8 }).map((array) => Buffer.from(array)),
    fc
      .array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc3, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x99, 0x82, 0xff), { maxLength: 12 })
      .map((a) => Buffer.from(a)),
  )
  fc.assert(
    fc.property(bytes, sizes, (text, cuts) => {
      const proof = new Utf8Proof()
      const holds = [...cut(text, cuts)].every((chunk) => proof.take(chunk))
      expect(holds && proof.ended).toBe(isUtf8(text))
    }),
    { numRuns: 2000 },
  )
})

test('text that is not UTF-8, or ends within quotes, is refused with its line', async () => {
  const read = (text: Buffer) => gather(counted(chunksOf(text, [3]), new CsvCount(), 'the rows'))
  await expect(read(Buffer.from('a,b\n1,"2\n'))).rejects.toThrow('the rows, line 2: a quote')
  await expect(read(Buffer.from('a,b\nM\xfcller,1\n', 'latin1'))).rejects.toThrow('UTF-8')
  await expect(read(Buffer.of(0x61, 0x0a, 0xe2, 0x82))).rejects.toThrow('UTF-8')
})

function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, part = 0; at < bytes.length; part++) {
    const size = sizes[part % sizes.length] ?? 1
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  yield* cut(bytes, sizes)
}

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}
