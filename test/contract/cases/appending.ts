import { expect } from 'vitest'
import { NotDirectError } from '../../../src/core/errors.ts'
import type { Case } from '../case.ts'
import type { Cells } from '../exchange.ts'
import { type ColumnSketch, given, type Place, sorted } from '../place.ts'

const columns: readonly ColumnSketch[] = [
  ['id', 'integer'],
  ['email', 'text', false],
  ['n', 'integer'],
]

export const appending: readonly Case[] = [
  {
    name: 'append adds rows to those that are there and counts them',
    async run(place) {
      const table = place.table('growing', columns, ['id'])
      expect(
        await place.fill(table, [
          ['1', 'a', null],
          ['2', 'b', '5'],
        ]),
      ).toBe(2)
      expect(await place.fill(table, [['3', 'c', '7']])).toBe(1)
      expect(await place.read(table)).toEqual([
        ['1', 'a', null],
        ['2', 'b', '5'],
        ['3', 'c', '7'],
      ])
    },
  },
  {
    name: 'appending no rows makes an empty table',
    async run(place) {
      const table = place.table('empty', columns, ['id'])
      expect(await place.fill(table, [])).toBe(0)
      expect(await place.read(table)).toEqual([])
      expect(await place.endpoint.describe(table.ref)).toBeDefined()
    },
  },
  {
    name: 'a table of one column keeps NULL and empty text apart',
    async run(place) {
      for (const form of given(place.endpoint.writer, 'writer').accepts.filter((accepted) => accepted !== 'pgcopy')) {
        const table = place.table(`single_${form}`, [['v', 'text']])
        const cells: readonly Cells[] = [[null], [''], ['a'], [null]]
        expect(await place.fill(table, cells, form)).toBe(4)
        expect(await place.read(table), form).toEqual(sorted(cells))
      }
    },
  },
  {
    name: 'a row may begin and end with NULL',
    async run(place) {
      for (const form of given(place.endpoint.writer, 'writer').accepts.filter((accepted) => accepted !== 'pgcopy')) {
        const table = place.table(`edged_${form}`, [
          ['a', 'text'],
          ['b', 'integer'],
          ['c', 'text'],
        ])
        const cells: readonly Cells[] = [
          [null, '1', null],
          [null, null, null],
          ['', null, ''],
        ]
        expect(await place.fill(table, cells, form)).toBe(3)
        expect(await place.read(table), form).toEqual(sorted(cells))
      }
    },
  },
  {
    name: 'many rows arrive, in every form that is accepted',
    async run(place) {
      const cells: readonly Cells[] = Array.from({ length: place.many }, (_, index) => [
        String(index),
        `person ${index}`,
        index % 7 === 0 ? null : String(index * 3),
      ])
      for (const form of given(place.endpoint.writer, 'writer').accepts.filter((accepted) => accepted !== 'pgcopy')) {
        const table = place.table(`many_${form}`, columns, ['id'])
        expect(await place.fill(table, cells, form)).toBe(place.many)
        expect(await place.read(table)).toEqual(sorted(cells))
      }
    },
  },
  refusedRow('a NULL where none is allowed', [['2', null, '1']]),
  refusedRow('a key that is there already', [['1', 'secret@example.com', '1']]),
  refusedRow('a key that comes twice', [
    ['8', 'secret@example.com', '1'],
    ['8', 'secret@example.com', '2'],
  ]),
  {
    name: 'columns that an append leaves out are NULL',
    async run(place) {
      const table = place.table('partly', columns, ['id'])
      await place.fill(table, [['1', 'a', '9']])
      const narrow = place.table('partly', columns.slice(0, 2), ['id'])
      await using session = await place.begin()
      await session.ensureTable(narrow)
      await place.append(session, narrow, [['2', 'b']])
      await session.commit()
      expect(await place.read(table)).toEqual([
        ['1', 'a', '9'],
        ['2', 'b', null],
      ])
    },
  },
]

/** What the table's own constraints refuse sends the run to the stage, says no value, and leaves the table as it was. */
function refusedRow(what: string, cells: readonly Cells[]): Case {
  return {
    name: `append refuses ${what}, names no value, and keeps the table as it was`,
    async run(place: Place) {
      const table = place.table('strict', columns, ['id'])
      await place.fill(table, [['1', 'kept', '1']])
      const refusal = await attempt(place, cells)
      expect(refusal).toBeInstanceOf(NotDirectError)
      expect(JSON.stringify([String(refusal), refusal])).not.toContain('secret@example.com')
      expect(await place.read(table)).toEqual([['1', 'kept', '1']])
    },
  }
}

async function attempt(place: Place, cells: readonly Cells[]): Promise<unknown> {
  // The rows come from a table that allows what the target does not.
  const loose = place.table(
    'strict',
    columns.map(([name, type]): ColumnSketch => [name, type]),
  )
  const table = place.table('strict', columns, ['id'])
  await using session = await place.begin()
  try {
    await session.ensureTable(table)
    await session.append(table, { ...(await place.exchange.rows(loose.columns, cells)), columns: table.columns })
    return undefined
  } catch (refusal) {
    return refusal
  }
}
