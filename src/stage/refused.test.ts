import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Refused } from '../core/changes.ts'
import type { Column } from '../core/table.ts'
import { parseType } from '../core/types.ts'
import type { Value } from '../core/value.ts'
import { Stage } from './stage.ts'

let directory: string
let stage: Stage

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-refused-'))
  stage = await Stage.open({ directory, memoryLimit: '200MB', signal: new AbortController().signal })
})

afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

const columns: readonly Column[] = [
  { name: 'at', type: parseType('timestamptz(6)'), nullable: false },
  { name: 'n', type: parseType('bigint'), nullable: true },
]

type Row = readonly Value[]
const monday: Row = ['2024-01-01 00:00:00+00', 1]
const tuesday: Row = ['2024-01-02 00:00:00.5+00', 2]
const wednesday: Row = ['2024-01-03 00:00:00+00', 3]

async function staged(rows: readonly Row[]) {
  const batches = async function* () {
    yield { rows: rows.length, cells: columns.map((_, index) => rows.map((row) => row[index] ?? null)) }
  }
  const landed = await stage.land({ columns, batches })
  return (await stage.conform(landed, { columns: columns.map((to) => ({ from: to.name, to, held: 'native', trusted: false })) })).staged
}

async function compared(source: readonly Row[], target: readonly Row[], key: readonly string[], mode: 'mirror' | 'append' = 'mirror') {
  return await stage.compare(await staged(source), await staged(target), { key, mode })
}

function refused(kind: Refused['kind'], key: Row, detail = 'no'): Refused {
  return { kind, key, reason: 'constraint', detail, answer: `the answer to ${detail}` }
}

test('a refused row is a reject with its reason, the answer and all its cells', async () => {
  const changes = await compared([monday, ['2024-01-02 00:00:00.5+00', 20]], [tuesday, wednesday], ['at'])
  const rejects = await stage.refused(changes, [
    refused('delete', ['2024-01-03 00:00:00+00'], 'one'),
    refused('insert', ['2024-01-01 00:00:00+00'], 'two'),
    refused('update', ['2024-01-02 00:00:00.5+00'], 'three'),
  ])
  expect(rejects).toEqual([
    { reason: 'constraint', detail: 'one', answer: 'the answer to one', row: { at: '2024-01-03 00:00:00+00', n: '3' } },
    { reason: 'constraint', detail: 'two', answer: 'the answer to two', row: { at: '2024-01-01 00:00:00+00', n: '1' } },
    { reason: 'constraint', detail: 'three', answer: 'the answer to three', row: { at: '2024-01-02 00:00:00.5+00', n: '20' } },
  ])
})

test('one that is not among the changes still is one, with its key', async () => {
  const changes = await compared([monday], [], ['at'])
  expect(await stage.refused(changes, [refused('update', ['2024-05-05 00:00:00+00'])])).toMatchObject([
    { row: { at: '2024-05-05 00:00:00+00' } },
  ])
})

test('rows without a key are known by all their cells, equal ones one by one', async () => {
  const empty: Row = ['2024-01-01 00:00:00+00', null]
  const changes = await compared([monday, monday, empty, tuesday], [], [], 'append')
  const some = [refused('insert', monday), refused('insert', empty)]
  expect((await stage.refused(changes, some)).map(({ row }) => row)).toEqual([
    { at: '2024-01-01 00:00:00+00', n: '1' },
    { at: '2024-01-01 00:00:00+00', n: null },
  ])
  const left = await stage.without(changes, some)
  expect(left.inserts.count).toBe(2)
  expect((await stage.without(changes, [refused('insert', monday), refused('insert', monday)])).inserts.count).toBe(2)
})

test('what is left are the changes without them, whatever they are now', async () => {
  const changes = await compared([monday, ['2024-01-02 00:00:00.5+00', 20]], [tuesday, wednesday], ['at'])
  const left = await stage.without(changes, [
    refused('insert', ['2024-01-02 00:00:00.5+00']),
    refused('insert', ['2024-01-03 00:00:00+00']),
  ])
  expect([left.inserts.count, left.updates.count, left.deletes.count]).toEqual([1, 0, 0])
  expect(await left.samples(5)).toMatchObject([{ kind: 'insert', after: ['2024-01-01 00:00:00+00', '1'] }])
})
