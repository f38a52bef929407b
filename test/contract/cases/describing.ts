import { expect } from 'vitest'
import { formatType } from '../../../src/core/types.ts'
import type { Case } from '../case.ts'
import { type ColumnSketch, given } from '../place.ts'

export const describing: readonly Case[] = [
  {
    name: 'an absent table is described as undefined',
    async run({ endpoint, system }) {
      expect(await endpoint.describe(system.ref('nowhere'))).toBeUndefined()
    },
  },
  {
    name: 'a created table is described as it was asked for',
    async run(place) {
      const columns: readonly ColumnSketch[] = [
        ['id', 'bigint'],
        ...place.edges.map(({ name }, index): ColumnSketch => [`c${index}`, name]),
      ]
      const table = place.table('all_types', columns, ['id'])
      await using session = await place.begin()
      const statements = await session.ensureTable(table)
      await place.append(session, table, [])
      await session.commit()
      expect(Array.isArray(statements)).toBe(true)
      const described = given(await place.endpoint.describe(table.ref), 'table')
      expect(described.columns.map(({ name }) => name)).toEqual(table.columns.map(({ name }) => name))
      const typed = described.columns.filter(({ untyped }) => !untyped)
      const wanted = new Map(table.columns.map((column) => [column.name, column]))
      expect(typed.map(({ name, type }) => [name, formatType(type)])).toEqual(
        typed.map(({ name }) => [name, formatType(given(wanted.get(name), name).type)]),
      )
      expect(typed.map(({ name, native }) => [name, native?.name])).toEqual(typed.map(({ name }) => [name, wanted.get(name)?.native?.name]))
    },
  },
  {
    name: 'a created table has its key and its not-null columns',
    async run(place) {
      const columns: readonly ColumnSketch[] = [
        ['b', 'integer'],
        ['a', 'text(20)'],
        ['kept', 'integer', false],
        ['free', 'integer'],
      ]
      const table = place.table('keyed', columns, ['a', 'b'])
      await place.fill(table, [])
      const described = given(await place.endpoint.describe(table.ref), 'table')
      expect(described.key).toEqual(['a', 'b'])
      expect(described.uniques).toContainEqual(['a', 'b'])
      expect(described.columns.map(({ name, nullable }) => [name, nullable])).toEqual([
        ['b', false],
        ['a', false],
        ['kept', false],
        ['free', true],
      ])
    },
  },
  {
    name: 'ensuring a table twice runs nothing the second time',
    async run(place) {
      const table = place.table(
        'twice',
        [
          ['id', 'integer'],
          ['v', 'text'],
        ],
        ['id'],
      )
      await place.fill(table, [['1', 'a']])
      await using session = await place.begin()
      expect(await session.ensureTable(table)).toEqual([])
      await session.commit()
      expect(await place.read(table)).toEqual([['1', 'a']])
    },
  },
  {
    name: 'missing columns are added and the rows stay',
    async run(place) {
      await place.fill(
        place.table(
          'growing',
          [
            ['id', 'integer'],
            ['v', 'text'],
          ],
          ['id'],
        ),
        [['1', 'a']],
      )
      const wider = place.table(
        'growing',
        [
          ['id', 'integer'],
          ['v', 'text'],
          ['added', 'decimal(12,2)'],
        ],
        ['id'],
      )
      await using session = await place.begin()
      const statements = await session.ensureTable(wider)
      await place.append(session, wider, [['2', 'b', '1.25']])
      await session.commit()
      expect(statements.length).toBeGreaterThan(0)
      expect(await place.read(wider)).toEqual([
        ['1', 'a', null],
        ['2', 'b', '1.25'],
      ])
    },
  },
  {
    name: 'tables are listed in name order and by pattern',
    async run(place) {
      for (const name of ['orders', 'alpha', 'order_lines']) await place.fill(place.table(name, [['id', 'integer']], ['id']), [['1']])
      const names = async (pattern?: string) => (await place.endpoint.listTables(pattern)).map(({ name }) => name)
      const all = await names()
      const known = [...all].sort()
      expect(all).toHaveLength(3)
      expect(all).toEqual(known)
      const suffix = all[0]?.slice(all[0].indexOf('alpha') + 'alpha'.length) ?? ''
      const prefix = all[0]?.slice(0, all[0].indexOf('alpha')) ?? ''
      expect(await names(`${prefix}order*${suffix}`)).toEqual(all.slice(1))
      expect(await names(`${prefix}?lpha${suffix}`)).toEqual(all.slice(0, 1))
      expect(await names(`${prefix}lpha${suffix}`)).toEqual([])
    },
  },
  {
    name: 'listed tables can be described and read',
    async run(place) {
      await place.fill(place.table('found', [['id', 'integer']], ['id']), [['7']])
      const [ref] = await place.endpoint.listTables()
      const table = given(await place.endpoint.describe(given(ref, 'table')), 'table')
      expect(table.columns.map(({ name }) => name)).toEqual(['id'])
      expect(await place.read(table)).toEqual([['7']])
    },
  },
  {
    name: 'a query is described by its columns',
    async run(place) {
      const table = place.table(
        'asked',
        [
          ['id', 'integer'],
          ['v', 'text'],
        ],
        ['id'],
      )
      await place.fill(table, [['1', 'a']])
      const described = await given(place.endpoint.describeQuery?.(`select v as renamed, id from ${table.ref.name}`), 'describeQuery')
      expect(described.columns.map(({ name }) => name)).toEqual(['renamed', 'id'])
    },
  },
  {
    name: 'names keep case, quotes, dots, spaces, and any letters',
    async run(place) {
      const awkward = [
        'Mixed Case',
        'a.b',
        'say "so"',
        "it's",
        'select',
        'naïve 𝄞',
        'semi;colon',
        '100%',
        '$1',
        'back\\slash',
        'before:id',
        'a,b',
        '{x}',
        '#',
        '?',
      ]
      const table = place.table('odd', [['id', 'integer'], ...awkward.map((name): ColumnSketch => [name, 'text'])], ['id'])
      const row = (id: string) => [id, ...awkward.map((_, index) => `${index}`)]
      await place.fill(table, [row('1')])
      const described = given(await place.endpoint.describe(table.ref), 'table')
      expect(described.columns.map(({ name }) => name)).toEqual(['id', ...awkward])
      expect(await place.read(table)).toEqual([row('1')])
    },
  },
  {
    name: 'table names keep case, quotes, dots, spaces, and any letters',
    async run(place) {
      const names = ['Mixed Case', '"a.b"', '"say ""so"""', "it's", 'naïve 𝄞', '100%_', 'select', 'a;b']
      for (const [index, name] of names.entries()) await place.fill(place.table(name, [['id', 'integer']], ['id']), [[String(index)]])
      for (const [index, name] of names.entries()) {
        const table = place.table(name, [['id', 'integer']], ['id'])
        expect(await place.read(table)).toEqual([[String(index)]])
      }
      expect(await place.endpoint.listTables()).toHaveLength(names.length)
    },
  },
]
