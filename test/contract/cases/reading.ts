import { expect } from 'vitest'
import type { ReadRequest, Snapshot } from '../../../src/connectors/connector.ts'
import type { Table } from '../../../src/core/table.ts'
import type { Case } from '../case.ts'
import { type Cells, formsOf, sorted } from '../exchange.ts'
import { type ColumnSketch, given, type Place } from '../place.ts'

const columns: readonly ColumnSketch[] = [
  ['id', 'integer'],
  ['at', 'timestamp(6)'],
  ['v', 'text'],
]
const rows: readonly Cells[] = [
  ['1', '2024-01-01 00:00:00', 'a'],
  ['2', '2024-01-02 00:00:00.5', null],
  ['3', null, ''],
  ['4', '2024-01-03 00:00:00', "it's"],
]

export const reading: readonly Case[] = [
  {
    name: 'every form that a read gives tells the same rows, again and again',
    async run(place) {
      const sketches = place.edges.map(({ name }, index): ColumnSketch => [`c${index}`, name])
      const table = place.table('forms', [['id', 'integer'], ...sketches], ['id'])
      const cells: readonly Cells[] = [
        ...[0, 1, -1].map((at, id): Cells => [String(id), ...place.edges.map(({ texts }) => texts.at(at) ?? null)]),
        ['9', ...place.edges.map(() => null)],
      ]
      await place.fill(table, cells)
      await using view = await given(place.endpoint.reader, 'reader').snapshot()
      const read = await view.read({ source: { table: table.ref } })
      const forms = formsOf(read).filter((form) => form !== 'pgcopy' && form !== 'file')
      expect(forms).not.toEqual([])
      for (const form of [...forms, ...forms]) expect(await place.exchange.texts(read, form), form).toEqual(sorted(cells))
    },
  },
  {
    name: 'rows are counted',
    async run(place) {
      const table = await filled(place)
      await withView(place, async (view) => expect(await view.count({ source: { table: table.ref } })).toBe(4))
    },
  },
  pushed('columns', (table) => ({ source: { table: table.ref }, columns: ['v', 'id'] }), [
    ['a', '1'],
    [null, '2'],
    ['', '3'],
    ["it's", '4'],
  ]),
  pushed(
    'where',
    (table) => ({ source: { table: table.ref }, where: "id > 1 and (v is null or v <> '') or id = 1" }),
    [0, 1, 3].map((at) => rows[at] ?? []),
  ),
  pushed(
    'cursor',
    (table) => ({ source: { table: table.ref }, cursor: { column: 'at', from: '2024-01-02 00:00:00.5' } }),
    // NULL can never be told old from new.
    [1, 2, 3].map((at) => rows[at] ?? []),
  ),
  pushed(
    'keys',
    (table) => ({ source: { table: table.ref }, keys: { columns: ['id'], values: [['4'], ['1'], ['77']] } }),
    [0, 3].map((at) => rows[at] ?? []),
  ),
  pushed('query', (table) => ({ source: { query: `select v, id as n from ${table.ref.name} where id = 4` } }), [["it's", '4']]),
  {
    name: 'limit is honoured or refused',
    async run(place) {
      const table = await filled(place)
      await withView(place, async (view) => {
        const request: ReadRequest = { source: { table: table.ref }, limit: 2 }
        if (!view.pushdown.has('limit')) return await expect(readTexts(place, view, request)).rejects.toThrow()
        expect(await readTexts(place, view, request)).toHaveLength(2)
        expect(await readTexts(place, view, { ...request, limit: 0 })).toHaveLength(0)
      })
    },
  },
  {
    name: 'keys of several columns match as a whole',
    async run(place) {
      const table = place.table(
        'pairs',
        [
          ['a', 'text(9)'],
          ['b', 'bigint'],
        ],
        ['a', 'b'],
      )
      await place.fill(table, [
        ['x', '1'],
        ['x', '2'],
        ['y', '1'],
        ["'", '9223372036854775807'],
      ])
      await withView(place, async (view) => {
        const keys = {
          columns: ['a', 'b'],
          values: [
            ['x', '2'],
            ['y', '1'],
            ["'", '9223372036854775807'],
            ['z', '0'],
          ],
        }
        const request: ReadRequest = { source: { table: table.ref }, keys }
        expect(view.pushdown.has('keys')).toBe(true)
        expect(await readTexts(place, view, request)).toEqual(
          sorted([
            ['x', '2'],
            ['y', '1'],
            ["'", '9223372036854775807'],
          ]),
        )
        expect(await view.count(request)).toBe(3)
      })
    },
  },
  {
    name: 'many keys fit one request',
    async run(place) {
      const table = place.table(
        'many',
        [
          ['id', 'integer'],
          ['v', 'text'],
        ],
        ['id'],
      )
      const cells: readonly Cells[] = Array.from({ length: place.many }, (_, id) => [String(id), `v${id}`])
      await place.fill(table, cells)
      await withView(place, async (view) => {
        const values = cells.slice(place.many * 0.1, place.many * 0.9).map(([id]) => [id ?? ''])
        expect(view.pushdown.has('keys')).toBe(true)
        expect(await readTexts(place, view, { source: { table: table.ref }, keys: { columns: ['id'], values } })).toEqual(
          sorted(cells.slice(place.many * 0.1, place.many * 0.9)),
        )
      })
    },
  },
  {
    name: 'a snapshot shows one moment',
    async run(place) {
      const table = await filled(place)
      expect(place.endpoint.traits.consistentReads).toBe(true)
      await using others = await place.another()
      await using view = await given(place.endpoint.reader, 'reader').snapshot()
      expect(await view.count({ source: { table: table.ref } })).toBe(4)
      await using session = await place.begin(others)
      await session.ensureTable(table)
      await place.append(session, table, [['5', null, null]])
      await session.commit()
      expect(await view.count({ source: { table: table.ref } })).toBe(4)
      expect(await readTexts(place, view, { source: { table: table.ref } })).toHaveLength(4)
    },
  },
  {
    name: 'checksums are equal for equal rows in any order, and for no others',
    async run(place) {
      const [one, other, third] = ['one', 'other', 'third'].map((name) =>
        place.table(name, [
          ['a', 'text'],
          ['b', 'text'],
        ]),
      )
      await place.fill(given(one, 'one'), [
        ['1|1', '1'],
        [null, ''],
        ['x', 'y'],
      ])
      await place.fill(given(other, 'other'), [
        ['x', 'y'],
        ['1|1', '1'],
        [null, ''],
      ])
      await place.fill(given(third, 'third'), [
        ['x', 'y'],
        ['1', '1|1'],
        [null, ''],
      ])
      await place.fill(
        place.table('fourth', [
          ['a', 'text'],
          ['b', 'text'],
        ]),
        [
          ['x', 'y'],
          ['1|1', '1'],
          ['', null],
        ],
      )
      await withView(place, async (view) => {
        const sum = async (name: string) => await given(view.checksum?.({ source: { table: place.system.ref(name) } }), 'checksum')
        const first = await sum('one')
        expect(first.rows).toBe(3)
        expect(await sum('other')).toEqual(first)
        for (const name of ['third', 'fourth']) {
          const different = await sum(name)
          expect(different.form).toBe(first.form)
          expect(different.value).not.toBe(first.value)
        }
      })
    },
  },
  {
    name: 'reading a table that is not there is refused by name',
    async run(place) {
      await filled(place)
      await withView(place, async (view) => {
        const request: ReadRequest = { source: { table: place.system.ref('nowhere') } }
        await expect(readTexts(place, view, request)).rejects.toThrow(/nowhere/)
      })
    },
  },
  {
    name: 'an aborted signal ends a read with its reason',
    async run(place) {
      const table = place.table(
        'long',
        [
          ['id', 'integer'],
          ['v', 'text'],
        ],
        ['id'],
      )
      await place.fill(
        table,
        Array.from({ length: place.many }, (_, id): Cells => [String(id), 'x'.repeat(250)]),
      )
      const stop = new AbortController()
      await using endpoint = await place.another(stop.signal)
      await using view = await given(endpoint.reader, 'reader').snapshot()
      const read = await view.read({ source: { table: table.ref } })
      const stream = read.csv?.(1)[0] ?? given(read.batches?.(), 'stream')
      const draining = (async () => {
        for await (const part of stream) {
          expect(part).toBeDefined()
          stop.abort(new Error('stopped by the test'))
        }
      })()
      await expect(draining).rejects.toThrow('stopped by the test')
    },
  },
  {
    name: 'an aborted signal ends a write, and the table stays as it was',
    async run(place) {
      const table = await filled(place)
      const stop = new AbortController()
      await using endpoint = await place.another(stop.signal)
      {
        await using session = await place.begin(endpoint)
        await session.ensureTable(table)
        stop.abort(new Error('stopped by the test'))
        await expect(place.append(session, table, [['5', null, null]])).rejects.toThrow('stopped by the test')
      }
      expect(await place.read(table)).toEqual(sorted(rows))
    },
  },
]

async function filled(place: Place): Promise<Table> {
  const table = place.table('readable', columns, ['id'])
  await place.fill(table, rows)
  return table
}

/** One kind of narrowing: exactly the rows asked for, or a refusal; never something in between. */
function pushed(
  kind: 'columns' | 'where' | 'cursor' | 'keys' | 'query',
  ask: (table: Table) => ReadRequest,
  expected: readonly Cells[],
): Case {
  return {
    name: `${kind} is honoured or refused`,
    async run(place) {
      const request = ask(await filled(place))
      await withView(place, async (view) => {
        if (!view.pushdown.has(kind)) return await expect(readTexts(place, view, request)).rejects.toThrow()
        expect(await readTexts(place, view, request)).toEqual(sorted(expected))
        expect(await view.count(request)).toBe(expected.length)
      })
    },
  }
}

async function withView(place: Place, use: (view: Snapshot) => Promise<void>): Promise<void> {
  await using view = await given(place.endpoint.reader, 'reader').snapshot()
  await use(view)
}

async function readTexts(place: Place, view: Snapshot, request: ReadRequest): Promise<readonly Cells[]> {
  return await place.exchange.texts(await view.read(request))
}
