import { expect } from 'vitest'
import type { Ranges, TableBeside } from '../../../src/connectors/connector.ts'
import { NotDirectError } from '../../../src/core/errors.ts'
import type { Table } from '../../../src/core/table.ts'
import type { Case } from '../case.ts'
import type { Cells } from '../exchange.ts'
import { type ColumnSketch, given, type Place } from '../place.ts'

const columns: readonly ColumnSketch[] = [
  ['id', 'integer'],
  ['v', 'text'],
]

/** Ranges of ten keys: the first begins at 0. */
const ranges = (...numbers: readonly number[]): Ranges => ({ cut: { by: 'width', column: 'id', from: 0n, width: 10n }, numbers })

/** Tables beside those that are replaced, of systems that have them. */
export const gathering: readonly Case[] = [
  whereThere('what was gathered stays for the next process, and is no table that is listed', async (place, table) => {
    await place.fill(table, [['1', 'former']])
    const listed = await place.endpoint.listTables()
    {
      await using beside = await open(place, table)
      expect(beside.begun).toBe(false)
      expect(await append(place, beside, table, [['2', 'a']])).toBe(1)
    }
    expect(await place.endpoint.listTables()).toEqual(listed)
    await using beside = await open(place, table)
    expect(beside.begun).toBe(true)
    await append(place, beside, table, [['3', null]])
    expect(await held(place, beside, table)).toEqual([
      ['2', 'a'],
      ['3', null],
    ])
    expect(await place.read(table)).toEqual([['1', 'former']])
  }),
  whereThere('one process at a time gathers, and nobody drops what it is at', async (place, table) => {
    await place.fill(table, [['1', 'former']])
    await using beside = await open(place, table)
    await append(place, beside, table, [['2', 'a']])
    await using others = await place.another()
    expect(await others.writer?.beside?.open(table)).toBeUndefined()
    await others.writer?.beside?.drop(table.ref)
    expect(await held(place, beside, table)).toEqual([['2', 'a']])
  }),
  whereThere('what nobody is at any more is dropped', async (place, table) => {
    await place.fill(table, [['1', 'former']])
    {
      await using beside = await open(place, table)
      await append(place, beside, table, [['2', 'a']])
    }
    await place.endpoint.writer?.beside?.drop(table.ref)
    await using beside = await open(place, table)
    expect(beside.begun).toBe(false)
    expect(await held(place, beside, table)).toEqual([])
  }),
  whereThere('only rows of the ranges that are retained stay', async (place, table) => {
    await using beside = await open(place, table)
    const keys = ['-2147483648', '-1', '0', '9', '10', '19', '20', '35', '2147483647']
    await append(
      place,
      beside,
      table,
      keys.map((key): Cells => [key, 'a']),
    )
    await beside.retain(ranges(0, 2, 3))
    expect((await held(place, beside, table)).map(([key]) => key).sort()).toEqual(['0', '20', '35', '9'])
    await beside.retain(ranges())
    expect(await held(place, beside, table)).toEqual([])
  }),
  whereThere('of rows of which one is refused none comes, and those before stay', async (place, table) => {
    await using beside = await open(place, table)
    await append(place, beside, table, [['1', 'a']])
    const refused: readonly Cells[] = [
      ['2', 'b'],
      [null, 'no key'],
    ]
    await expect(append(place, beside, table, refused)).rejects.toThrow(NotDirectError)
    expect(await held(place, beside, table)).toEqual([['1', 'a']])
  }),
  whereThere('a table that changed since is gathered anew', async (place, table) => {
    await place.fill(table, [['1', 'former']])
    {
      await using beside = await open(place, table)
      await append(place, beside, table, [['2', 'a']])
    }
    const wider = place.table(table.ref.name, [...columns, ['more', 'integer']], ['id'])
    await place.fill(wider, [['3', 'former', '4']])
    await using beside = await open(place, wider)
    expect(beside.begun).toBe(false)
    expect(await held(place, beside, wider)).toEqual([])
  }),
  ...[true, false].map((isThere) =>
    whereThere(`what was gathered takes the place of a table that is ${isThere ? 'there' : 'new'}`, async (place, table) => {
      if (isThere) await place.fill(table, [['1', 'former']])
      await using beside = await open(place, table)
      const rows: readonly Cells[] = [
        ['1', 'a'],
        ['2', null],
      ]
      await append(place, beside, table, rows)
      await using session = await place.begin()
      await session.ensureTable(table)
      expect(await session.adopt?.(table, beside.ref)).toEqual({ rows: 2, former: isThere ? 1 : 0 })
      await session.commit()
      await beside.drop()
      expect(await place.read(table)).toEqual(rows)
      expect(given(await place.endpoint.describe(table.ref), 'table')).toMatchObject({ key: ['id'] })
    }),
  ),
  whereThere('what was taken over without a commit is there to be taken over again', async (place, table) => {
    await place.fill(table, [['1', 'former']])
    await using beside = await open(place, table)
    await append(place, beside, table, [['1', 'a']])
    {
      await using session = await place.begin()
      await session.ensureTable(table)
      await session.adopt?.(table, beside.ref)
    }
    expect(await place.read(table)).toEqual([['1', 'former']])
    await using session = await place.begin()
    await session.ensureTable(table)
    await session.adopt?.(table, beside.ref)
    await session.commit()
    expect(await place.read(table)).toEqual([['1', 'a']])
  }),
]

/** Presence is the capability: systems without such tables promise nothing about them. */
function whereThere(name: string, run: (place: Place, table: Table) => Promise<void>): Case {
  return {
    name,
    run: async (place) => {
      if (place.endpoint.writer?.beside) await run(place, place.table('gathered', columns, ['id']))
    },
  }
}

async function open({ endpoint }: Place, table: Table): Promise<TableBeside> {
  return given(await endpoint.writer?.beside?.open(table), 'table beside')
}

async function append({ exchange }: Place, beside: TableBeside, table: Table, cells: readonly Cells[]): Promise<number> {
  return await beside.append(table, await exchange.rows(table.columns, cells))
}

async function held(place: Place, { ref }: TableBeside, table: Table): Promise<readonly Cells[]> {
  return await place.read({ ...table, ref })
}
