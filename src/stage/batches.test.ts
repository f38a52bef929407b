import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Column } from '../core/table.ts'
import { batchesOf } from './batches.ts'
import { csvBytes } from './csv-bytes.ts'

const columns: readonly Column[] = ['a', 'b'].map((name) => ({ name, type: { kind: 'text' }, nullable: true }))
const cell = fc.option(fc.oneof(fc.constantFrom('', '"', '""', ',', '\n', '\r\n', '\ufeff', '🦆'), fc.string({ unit: 'binary' })))

/** What is read back from the CSV of columns of cells, its bytes arriving in pieces of `size`. */
async function readBack(cells: readonly (readonly (string | null)[])[], size: number): Promise<readonly (readonly unknown[])[]> {
  const used = columns.slice(0, cells.length)
  const batch = async function* () {
    yield { rows: cells[0]?.length ?? 0, cells }
  }
  const pieces = async function* () {
    for await (const bytes of csvBytes(used, batch())) for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const found: unknown[][] = used.map(() => [])
  for await (const read of batchesOf(used, pieces())) for (const [index, values] of read.cells.entries()) found[index]?.push(...values)
  return found
}

test('cells are read as they were written, wherever the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell)), fc.integer({ min: 1, max: 9 }), async (rows, size) => {
      const cells = [rows.map(([first]) => first), rows.map(([, second]) => second)]
      expect(await readBack(cells, size)).toEqual(cells)
    }),
  )
})

test('a single column of NULLs keeps its rows', async () => {
  expect(await readBack([[null, '', null]], 1)).toEqual([[null, '', null]])
})
