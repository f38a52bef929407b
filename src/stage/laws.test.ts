import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Rows } from '../core/rows.ts'
import type { Column } from '../core/table.ts'
import { parseType } from '../core/types.ts'
import type { Value } from '../core/value.ts'
import { type Compared, type Conforming, type Landed, Stage, type Staged } from './stage.ts'

/** What holds for tables of every content. */

let directory: string
let stage: Stage

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-laws-'))
  stage = await Stage.open({ directory, memoryLimit: '400MB', signal: new AbortController().signal })
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

const awkward = fc.constantFrom(
  '',
  ' ',
  '\\.',
  '\\N',
  'NULL',
  '"',
  '""',
  ',',
  '\n',
  '\r\n',
  '\r',
  "'",
  '\ufeff',
  '🦆',
  '\u{10ffff}',
  'e\u0301',
  '#',
  '\t',
  '\0',
  '0',
)
const text = fc.oneof(
  awkward,
  fc.array(awkward, { maxLength: 4 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const day = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const decimal = fc.bigInt({ min: -(10n ** 30n) + 1n, max: 10n ** 30n - 1n }).map((unscaled) => {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(7, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`
})
const int64 = fc.oneof(fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))

const cells: readonly (readonly [name: string, type: string, values: fc.Arbitrary<Value>])[] = [
  ['key', 'text', text],
  ['number', 'integer', fc.integer({ min: -3, max: 3 })],
  ['text', 'text', text],
  ['int64', 'bigint', int64],
  ['decimal', 'decimal(30,6)', decimal],
  ['double', 'double', fc.double()],
  ['flag', 'boolean', fc.boolean()],
  ['day', 'date', fc.oneof(day, fc.constantFrom('infinity', '0044-03-15 BC'))],
  ['at', 'timestamptz(6)', day.map((date) => `${date} 23:59:59.000001+00`)],
  ['raw', 'bytes', fc.uint8Array({ maxLength: 5 })],
  ['odd', 'other', text],
]
const columns: readonly Column[] = cells.map(([name, type]) => ({
  name,
  type: type === 'other' ? { kind: 'other' } : parseType(type),
  nullable: true,
}))
const keyColumns = 2
const row = fc.tuple(...cells.map(([, , values], index) => (index < keyColumns ? values : fc.option(values, { freq: 4 }))))
const table = fc.uniqueArray(row, { maxLength: 12, selector: keyOf })

type Row = readonly Value[]

function keyOf(cellsOfRow: Row): string {
  return JSON.stringify(cellsOfRow.slice(0, keyColumns).map(String))
}

function batches(rows: readonly Row[]): Rows {
  return {
    columns,
    async *batches() {
      if (rows.length > 0) yield { rows: rows.length, cells: columns.map((_, index) => rows.map((one) => one[index] ?? null)) }
    },
  }
}

const exactly = columns.map((to): Conforming => ({ from: to.name, to, held: 'native', trusted: false }))
const key = columns.slice(0, keyColumns).map(({ name }) => name)

async function conformed(landed: Landed): Promise<Staged> {
  const { staged, overflow } = await stage.conform(landed, { columns: exactly, key, enforce: true })
  expect(overflow).toEqual([])
  await landed.release()
  return staged
}

async function staged(rows: readonly Row[]): Promise<Staged> {
  return await conformed(await stage.land(batches(rows)))
}

async function read(rows: Rows): Promise<readonly Row[]> {
  const found: Row[] = []
  for await (const { rows: count, cells: read } of rows.batches?.() ?? [])
    for (let at = 0; at < count; at++) found.push(read.map((values) => values[at] ?? null))
  return found
}

/** Comparable whatever the order of rows and the class of a number. */
function normal(rows: readonly Row[]): readonly string[] {
  return rows.map((cellsOfRow) => JSON.stringify(cellsOfRow.map(shown))).toSorted()
}

function shown(value: Value): unknown {
  if (value === null) return null
  if (value instanceof Uint8Array) return `hex ${Buffer.from(value).toString('hex')}`
  return Object.is(value, -0) ? '-0' : String(value)
}

/** What a writer does with changes, in JavaScript. */
async function apply(rows: readonly Row[], changes: Compared): Promise<readonly Row[]> {
  const now = new Map(rows.map((one) => [keyOf(one), one]))
  for (const one of await read(changes.deletes)) expect(now.delete(keyOf(one))).toBe(true)
  for (const one of await read(changes.updates)) {
    const [after, before] = [one.slice(0, columns.length), one.slice(columns.length)]
    expect(normal([now.get(keyOf(before)) ?? []])).toEqual(normal([before]))
    now.set(keyOf(after), after)
  }
  for (const one of await read(changes.inserts)) {
    expect(now.has(keyOf(one))).toBe(false)
    now.set(keyOf(one), one)
  }
  return [...now.values()]
}

const runs = { numRuns: 40 }

test('what lands and is handed out lands again as it was, by every form', async () => {
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const first = await staged(rows)
      expect(normal(await read(stage.rows(first)))).toEqual(normal(rows))
      const { csv } = stage.rows(first)
      const second = await conformed(await stage.land({ columns, ...(csv ? { csv } : {}) }))
      expect(normal(await read(stage.rows(second)))).toEqual(normal(rows))
    }),
    runs,
  )
})

test('what is streamed without being held is the same', async () => {
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const landed = await stage.land(batches(rows))
      expect(normal(await read(stage.stream(landed, exactly)))).toEqual(normal(rows))
      await landed.release()
    }),
    runs,
  )
})

test('a table differs from itself in nothing', async () => {
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const changes = await stage.compare(await staged(rows), await staged(rows.toReversed()), { key, mode: 'mirror' })
      expect([changes.inserts.count, changes.updates.count, changes.deletes.count, changes.unchanged]).toEqual([0, 0, 0, rows.length])
    }),
    runs,
  )
})

test('the changes between two tables turn one into the other', async () => {
  await fc.assert(
    fc.asyncProperty(table, table, fc.double(), async (some, others, share) => {
      // Some rows of one table are also in the other, as they are or with other cells.
      const shared = some
        .slice(0, Math.floor(some.length * Math.abs(share % 1 || 0.5)))
        .map((one, index) => (index % 2 === 0 ? one : [...one.slice(0, -1), 'x']))
      const source = [...new Map([...others, ...some].map((one) => [keyOf(one), one])).values()]
      const target = [...new Map([...shared, ...others.slice(1)].map((one) => [keyOf(one), one])).values()]
      const [a, b] = [await staged(source), await staged(target)]
      const changes = await stage.compare(a, b, { key, mode: 'mirror' })
      const wanted = withoutSignOfZero(source)
      expect(withoutSignOfZero(await apply(target, changes))).toEqual(wanted)
      expect(withoutSignOfZero(await read(await stage.merged(b, changes)))).toEqual(wanted)
    }),
    runs,
  )
})

/** -0 and 0 are the same number to a comparison. */
function withoutSignOfZero(rows: readonly Row[]): readonly string[] {
  return normal(rows.map((one) => one.map((value) => (Object.is(value, -0) ? 0 : value))))
}
