import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import type { Bucket, Cut, Digests } from '../../../src/connectors/connector.ts'
import { canonicalForm, isPlain } from '../../../src/core/digest.ts'
import type { Table } from '../../../src/core/table.ts'
import type { Case } from '../case.ts'
import type { Edge } from '../edges.ts'
import type { Cells } from '../exchange.ts'
import { given, type Place } from '../place.ts'

/** Hashes of rows against those of the texts that are read: what every engine has to agree on. */
export const hashing: readonly Case[] = [
  {
    name: 'hashes each type as its canonical texts',
    run: async (place) => {
      for (const edge of place.edges.filter(({ type }) => type.kind !== 'bytes')) await compareEdge(place, edge)
    },
  },
  {
    name: 'hashes bytes as their canonical texts',
    run: async (place) => {
      for (const edge of place.edges.filter(({ type }) => type.kind === 'bytes')) await compareEdge(place, edge)
    },
  },
  {
    name: 'tells rows apart whose texts run together',
    run: async (place) => {
      const table = place.table(
        'near',
        [
          ['id', 'integer'],
          ['a', 'text'],
          ['b', 'text'],
        ],
        ['id'],
      )
      const pairs: readonly (readonly [string | null, string | null])[] = [
        ['1', '11'],
        ['11', '1'],
        [null, ''],
        ['', null],
        ['a|1:b', ''],
        ['a', '1:b|'],
      ]
      await place.fill(
        table,
        pairs.map(([a, b], at): Cells => [String(at), a, b]),
      )
      const buckets = await compare(place, table, { by: 'width', column: 'id', from: 0n, width: 1n }, 'pairs')
      expect(new Set(buckets.map(({ digest }) => digest)).size).toBe(pairs.length)
    },
  },
  {
    name: 'deals rows into buckets by their key, and reads those of some',
    run: async (place) => {
      const table = place.table(
        'dealt',
        [
          ['code', 'text(20)', false],
          ['part', 'integer', false],
          ['value', 'text'],
        ],
        ['code', 'part'],
      )
      await place.fill(
        table,
        Array.from({ length: 200 }, (_, at): Cells => [`key ${at % 50}`, String(at), `value ${at}`]),
      )
      const cut: Cut = { by: 'hash', columns: ['code', 'part'], buckets: 16 }
      const buckets = await compare(place, table, cut, 'hash')
      await using view = await given(place.endpoint.reader, 'a reader').snapshot()
      const numbers = buckets.slice(0, 3).map(({ number }) => number)
      const rows = await place.exchange.texts(await view.read({ source: { table: table.ref }, buckets: { cut, numbers } }))
      expect(rows).toHaveLength(buckets.slice(0, 3).reduce((sum, bucket) => sum + bucket.rows, 0))
      expect(new Set(rows.map((row) => bucketOf(table, cut, row)))).toEqual(new Set(numbers))
      const digests = given(view.digests, 'digests')
      const some = await digests.buckets({ ...(await requestOf(digests, table)), buckets: { cut, numbers } }, cut)
      expect(ordered(some)).toEqual(ordered(buckets.slice(0, 3)))
    },
  },
  {
    name: 'hands over the hash of every row beside its key, and the bounds of the key',
    run: async (place) => {
      const table = place.table(
        'beside',
        [
          ['id', 'bigint'],
          ['value', 'text'],
        ],
        ['id'],
      )
      const cells: readonly Cells[] = [
        ['-5', 'a'],
        ['0', null],
        ['900000000000', ''],
      ]
      await place.fill(table, cells)
      await using view = await given(place.endpoint.reader, 'a reader').snapshot()
      const digests = given(view.digests, 'digests')
      const request = await requestOf(digests, table)
      expect(await digests.bounds(request, 'id')).toEqual({ least: -5n, greatest: 900000000000n })
      const rows = await place.exchange.texts(await digests.hashes(request, ['id']))
      expect(new Map(rows.map(([id, hash]) => [id, hash]))).toEqual(new Map(cells.map((row) => [row[0], String(hashOf(table, row))])))
    },
  },
]

async function compareEdge(place: Place, edge: Edge): Promise<void> {
  const table = place.table(
    `hashed_${place.edges.indexOf(edge)}`,
    [
      ['id', 'integer'],
      ['value', edge.type.kind === 'other' ? 'text' : edge.name],
    ],
    ['id'],
  )
  await place.fill(table, [...hashedAlike(edge).map((text, at): Cells => [String(at), text]), ['-1', null]])
  await compare(place, table, { by: 'width', column: 'id', from: -1n, width: 1n }, edge.name)
}

/**
 * Texts that hash alike everywhere; others may look different where they are not, which only has them read. Engines write
 * exponents of floats in several ways. The character for bytes that are no UTF-8 may stand for such bytes.
 */
function hashedAlike({ type, texts }: Edge): readonly string[] {
  if (type.kind !== 'float') return texts.filter((text) => !text.includes('\uFFFD'))
  return texts.filter(
    (text) => /^-?\d{1,9}(\.\d{1,6})?$/.test(text) && text !== '-0' && (type.bits === 64 || Number(text) === Math.fround(Number(text))),
  )
}

async function compare(place: Place, table: Table, cut: Cut, what: string): Promise<readonly Bucket[]> {
  const rows = await place.read(table)
  await using view = await given(place.endpoint.reader, 'a reader').snapshot()
  const digests = given(view.digests, 'digests')
  const actual = await digests.buckets(await requestOf(digests, table), cut)
  expect(ordered(actual), what).toEqual(ordered(expected(table, cut, rows)))
  return actual
}

async function requestOf(digests: Digests, table: Table) {
  const request = { source: { table: table.ref }, columns: table.columns.map(({ name }) => name) }
  const form = canonicalForm(table.columns)
  expect(await digests.forms(request)).toContain(form)
  return { ...request, form }
}

function expected(table: Table, cut: Cut, rows: readonly Cells[]): readonly Bucket[] {
  const buckets = new Map<number, { rows: number; sum: bigint }>()
  for (const row of rows) {
    const number = bucketOf(table, cut, row)
    const bucket = buckets.get(number) ?? { rows: 0, sum: 0n }
    buckets.set(number, { rows: bucket.rows + 1, sum: bucket.sum + hashOf(table, row) })
  }
  return [...buckets].map(([number, bucket]) => ({ number, rows: bucket.rows, digest: String(bucket.sum) }))
}

function bucketOf(table: Table, cut: Cut, row: Cells): number {
  const index = (name: string) => table.columns.findIndex((column) => column.name === name)
  if (cut.by === 'width') return Number((BigInt(row[index(cut.column)] ?? '0') - cut.from) / cut.width)
  return Number(BigInt(`0x${md5Of(table, cut.columns.map(index), row).slice(0, 7)}`) % BigInt(cut.buckets))
}

function hashOf(table: Table, row: Cells): bigint {
  return BigInt(
    `0x${md5Of(
      table,
      table.columns.map((_, at) => at),
      row,
    ).slice(0, 15)}`,
  )
}

function md5Of(table: Table, indexes: readonly number[], row: Cells): string {
  const fields = indexes.map((index) => {
    const text = row[index]
    const column = table.columns[index]
    if (text == null || !column) return ''
    return isPlain(column.type) ? text : `${Buffer.byteLength(text)}:${text}`
  })
  return createHash('md5').update(fields.join('|')).digest('hex')
}

function ordered(buckets: readonly Bucket[]): readonly Bucket[] {
  return buckets.toSorted((a, b) => a.number - b.number)
}
