import { expect } from 'vitest'
import { NotDirectError } from '../../../src/core/errors.ts'
import type { Case } from '../case.ts'
import { type ColumnSketch, given } from '../place.ts'

const columns: readonly ColumnSketch[] = [
  ['id', 'integer'],
  ['v', 'text'],
]

export const replacing: readonly Case[] = [
  {
    name: 'replace leaves exactly the new rows, and counts the former',
    async run(place) {
      for (const form of given(place.endpoint.writer, 'writer').accepts.filter((accepted) => accepted !== 'pgcopy')) {
        const table = place.table(`swapped_${form}`, columns, ['id'])
        await place.fill(table, [
          ['1', 'a'],
          ['2', 'b'],
          ['3', 'c'],
        ])
        await using session = await place.begin()
        await session.ensureTable(table)
        expect(
          await place.replace(
            session,
            table,
            [
              ['2', 'B'],
              ['4', null],
            ],
            form,
          ),
        ).toEqual({ rows: 2, former: 3 })
        await session.commit()
        expect(await place.read(table), form).toEqual([
          ['2', 'B'],
          ['4', null],
        ])
      }
    },
  },
  {
    name: 'replace of a new table has no former rows',
    async run(place) {
      const table = place.table('fresh', columns, ['id'])
      await using session = await place.begin()
      await session.ensureTable(table)
      expect(await place.replace(session, table, [['1', 'a']])).toEqual({ rows: 1, former: 0 })
      await session.commit()
      expect(await place.read(table)).toEqual([['1', 'a']])
    },
  },
  {
    name: 'replace with no rows empties the table and keeps it',
    async run(place) {
      const table = place.table('emptied', columns, ['id'])
      await place.fill(table, [['1', 'a']])
      await using session = await place.begin()
      await session.ensureTable(table)
      expect(await place.replace(session, table, [])).toEqual({ rows: 0, former: 1 })
      await session.commit()
      expect(await place.read(table)).toEqual([])
      expect((await place.endpoint.describe(table.ref))?.columns.map(({ name }) => name)).toEqual(['id', 'v'])
    },
  },
  {
    name: 'replace again and again keeps the key and the types',
    async run(place) {
      const table = place.table('again', columns, ['id'])
      await place.fill(table, [['7', 'former']])
      const former = given(await place.endpoint.describe(table.ref), 'table')
      for (const text of ['a', 'b', 'c']) {
        await using session = await place.begin()
        await session.ensureTable(table)
        await place.replace(session, table, [['1', text]])
        await session.commit()
      }
      const described = given(await place.endpoint.describe(table.ref), 'table')
      expect({ ...described, rows: undefined }).toEqual({ ...former, rows: undefined })
      expect(await place.read(table)).toEqual([['1', 'c']])
    },
  },
  {
    name: 'replace refuses a key that comes twice and keeps the table as it was',
    async run(place) {
      const table = place.table('doubled', columns, ['id'])
      await place.fill(table, [['1', 'kept']])
      {
        await using session = await place.begin()
        await session.ensureTable(table)
        await expect(
          place.replace(session, table, [
            ['2', 'a'],
            ['2', 'b'],
          ]),
        ).rejects.toBeInstanceOf(NotDirectError)
      }
      expect(await place.read(table)).toEqual([['1', 'kept']])
    },
  },
  {
    name: 'a view on the table shows the new rows after a replace',
    async run(place) {
      const table = place.table('viewed', columns, ['id'])
      await place.fill(table, [
        ['1', 'a'],
        ['2', 'b'],
      ])
      const execute = given(place.system.execute, 'execute')
      await execute('create view seen as select id, v from viewed')
      const described = given(await place.endpoint.describe(table.ref), 'table')
      await using session = await place.begin()
      await session.ensureTable(described)
      await place.replace(session, described, [
        ['2', 'B'],
        ['3', 'c'],
      ])
      await session.commit()
      const view = given(await place.endpoint.describe(place.system.ref('seen')), 'view')
      expect(view.kind).toBe('view')
      expect(await place.read(view)).toEqual([
        ['2', 'B'],
        ['3', 'c'],
      ])
    },
  },
  {
    name: 'rows that stay keep the rows that hang on them through a replace',
    async run(place) {
      const table = place.table('parents', columns, ['id'])
      await place.fill(table, [
        ['1', 'a'],
        ['2', 'b'],
      ])
      const execute = given(place.system.execute, 'execute')
      await execute('create table children (parent integer, foreign key (parent) references parents (id) on delete cascade)')
      await execute('insert into children values (1), (2)')
      const described = given(await place.endpoint.describe(table.ref), 'table')
      await using session = await place.begin()
      await session.ensureTable(described)
      await place.replace(session, described, [
        ['1', 'changed'],
        ['3', 'c'],
      ])
      await session.commit()
      expect(await place.read(described)).toEqual([
        ['1', 'changed'],
        ['3', 'c'],
      ])
      const children = given(await place.endpoint.describe(place.system.ref('children')), 'table')
      expect(await place.read(children)).toEqual([['1']])
    },
  },
]
