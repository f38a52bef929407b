import { expect } from 'vitest'
import type { Applied } from '../../../src/core/changes.ts'
import type { Case } from '../case.ts'
import type { Cells } from '../exchange.ts'
import { type ColumnSketch, given } from '../place.ts'

const columns: readonly ColumnSketch[] = [
  ['id', 'integer'],
  ['v', 'text'],
  ['n', 'decimal(12,2)'],
]
const rows: readonly Cells[] = [
  ['1', 'a', '1.00'],
  ['2', null, '2.00'],
  ['3', '', null],
  ['4', 'd', '4.00'],
]

export const applying: readonly Case[] = [
  {
    name: 'apply inserts, updates and deletes by before images',
    async run(place) {
      const table = place.table('people', columns, ['id'])
      await place.fill(table, rows)
      await using session = await place.begin()
      await session.ensureTable(table)
      const applied = await place.apply(session, table, {
        inserts: [['5', 'e', null]],
        updates: [
          [
            ['2', 'now', '2.00'],
            ['2', null, '2.00'],
          ],
          [
            ['3', null, '0.10'],
            ['3', '', null],
          ],
        ],
        deletes: [['1', 'a', '1.00']],
      })
      await session.commit()
      expect(applied).toEqual({ inserted: 1, updated: 2, deleted: 1, moved: [] })
      expect(await place.read(table)).toEqual([
        ['2', 'now', '2.00'],
        ['3', null, '0.10'],
        ['4', 'd', '4.00'],
        ['5', 'e', null],
      ])
    },
  },
  {
    name: 'rows that moved are left as they are and named',
    async run(place) {
      const table = place.table('people', columns, ['id'])
      await place.fill(table, rows)
      await using session = await place.begin()
      await session.ensureTable(table)
      const applied = await place.apply(session, table, {
        inserts: [
          ['4', 'there already', null],
          ['6', 'f', null],
        ],
        updates: [
          [
            ['1', 'mine', '1.00'],
            ['1', 'stale', '1.00'],
          ],
          [
            ['9', 'gone', null],
            ['9', 'was', null],
          ],
        ],
        deletes: [
          ['2', '', '2.00'],
          ['3', '', null],
        ],
      })
      await session.commit()
      expect(applied).toMatchObject({ inserted: 1, updated: 0, deleted: 1 })
      const moved = applied.moved.map(({ kind, key }) => `${kind} ${key.map(String).join()}`)
      expect(moved.sort()).toEqual(['delete 2', 'insert 4', 'update 1', 'update 9'])
      expect(await place.read(table)).toEqual([
        ['1', 'a', '1.00'],
        ['2', null, '2.00'],
        ['4', 'd', '4.00'],
        ['6', 'f', null],
      ])
    },
  },
  {
    name: 'unique values change places between rows',
    async run(place) {
      const table = place.table(
        'seats',
        [
          ['id', 'integer'],
          ['seat', 'integer'],
        ],
        ['id'],
      )
      await place.fill(table, [
        ['1', '10'],
        ['2', '20'],
        ['3', '30'],
        ['4', '40'],
      ])
      await given(place.system.execute, 'execute')('create unique index one_seat on seats (seat)')
      const described = given(await place.endpoint.describe(table.ref), 'table')
      await using session = await place.begin()
      await session.ensureTable(described)
      const applied = await place.apply(session, described, {
        inserts: [['5', '40']],
        updates: [
          [
            ['1', '20'],
            ['1', '10'],
          ],
          [
            ['2', '30'],
            ['2', '20'],
          ],
          [
            ['3', '10'],
            ['3', '30'],
          ],
        ],
        deletes: [['4', '40']],
      })
      await session.commit()
      expect(applied).toEqual({ inserted: 1, updated: 3, deleted: 1, moved: [] })
      expect(await place.read(described)).toEqual([
        ['1', '20'],
        ['2', '30'],
        ['3', '10'],
        ['5', '40'],
      ])
    },
  },
  {
    name: 'apply knows rows by a key of several columns',
    async run(place) {
      const table = place.table(
        'prices',
        [
          ['sku', 'text(40)'],
          ['currency', 'text(3)'],
          ['price', 'decimal(12,2)'],
        ],
        ['currency', 'sku'],
      )
      await place.fill(table, [
        ['a|b', 'EUR', '1.00'],
        ['a', 'EUR', '2.00'],
        ['a', 'USD', '3.00'],
      ])
      await using session = await place.begin()
      await session.ensureTable(table)
      const applied = await place.apply(session, table, {
        inserts: [["it's", 'CHF', '9.99']],
        updates: [
          [
            ['a', 'USD', '3.50'],
            ['a', 'USD', '3.00'],
          ],
        ],
        deletes: [['a|b', 'EUR', '1.00']],
      })
      await session.commit()
      expect(applied).toEqual({ inserted: 1, updated: 1, deleted: 1, moved: [] })
      expect(await place.read(table)).toEqual([
        ['a', 'EUR', '2.00'],
        ['a', 'USD', '3.50'],
        ["it's", 'CHF', '9.99'],
      ])
    },
  },
  {
    name: 'an empty change set changes nothing',
    async run(place) {
      const table = place.table('still', columns, ['id'])
      await place.fill(table, rows)
      await using session = await place.begin()
      await session.ensureTable(table)
      expect(await place.apply(session, table, {})).toEqual({ inserted: 0, updated: 0, deleted: 0, moved: [] })
      await session.commit()
      expect(await place.read(table)).toHaveLength(rows.length)
    },
  },
  {
    name: 'before images hold for every type that was read',
    async run(place) {
      const sketches = place.edges.map(({ name }, index): ColumnSketch => [`c${index}`, name])
      const table = place.table('wide', [['id', 'integer'], ...sketches], ['id'])
      const filled = (id: string, at: number): Cells => [id, ...place.edges.map(({ texts }) => texts.at(at) ?? null)]
      const empty = (id: string): Cells => [id, ...place.edges.map(() => null)]
      await place.fill(table, [filled('1', 0), filled('2', -1), filled('3', 1), empty('4')])
      await using session = await place.begin()
      await session.ensureTable(table)
      const applied = await place.apply(session, table, {
        updates: [
          [filled('1', -1), filled('1', 0)],
          [empty('2'), filled('2', -1)],
          [filled('4', 1), empty('4')],
        ],
        deletes: [filled('3', 1)],
      })
      await session.commit()
      expect(applied).toEqual({ inserted: 0, updated: 3, deleted: 1, moved: [] })
      expect(await place.read(table)).toEqual([filled('1', -1), empty('2'), filled('4', 1)])
    },
  },
  {
    name: 'a constraint that breaks while changes are applied names no value, and the row stays as it was',
    async run(place) {
      const table = place.table(
        'owners',
        [
          ['id', 'integer'],
          ['email', 'text(50)'],
        ],
        ['id'],
      )
      const before = [
        ['1', 'one@example.com'],
        ['2', 'two@example.com'],
      ]
      await place.fill(table, before)
      await given(place.system.execute, 'execute')('create unique index one_email on owners (email)')
      const outcome = await (async () => {
        await using session = await place.begin()
        try {
          await session.ensureTable(table)
          const applied = await place.apply(session, table, {
            updates: [
              [
                ['1', 'two@example.com'],
                ['1', 'one@example.com'],
              ],
            ],
            inserts: [['3', 'three@example.com']],
          })
          await session.commit()
          return applied
        } catch (error) {
          return error
        }
      })()
      if (outcome instanceof Error) {
        expect(`${String(outcome)}${JSON.stringify(outcome)}`).not.toContain('two@example.com')
        expect(await place.read(table)).toEqual(before)
        return
      }
      const { refused: [refused, ...more] = [], ...counts } = outcome as Applied
      expect(counts).toMatchObject({ inserted: 1, updated: 0, deleted: 0, moved: [] })
      expect(more).toEqual([])
      expect({ ...refused, key: refused?.key.map(String) }).toMatchObject({ kind: 'update', key: ['1'], reason: 'constraint' })
      expect(refused?.detail).not.toContain('two@example.com')
      expect(await place.read(table)).toEqual([...before, ['3', 'three@example.com']])
    },
  },
]
