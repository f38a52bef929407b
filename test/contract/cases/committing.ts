import { expect } from 'vitest'
import type { CommitProof, WriteSession } from '../../../src/connectors/connector.ts'
import type { Table } from '../../../src/core/table.ts'
import type { Case } from '../case.ts'
import { type ColumnSketch, given, type Place } from '../place.ts'

const columns: readonly ColumnSketch[] = [
  ['id', 'integer'],
  ['v', 'text'],
]

export const committing: readonly Case[] = [
  {
    name: 'a session that is not committed creates nothing',
    async run(place) {
      await place.fill(place.table('earlier', columns, ['id']), [])
      const before = await place.endpoint.listTables()
      const table = place.table('never', columns, ['id'])
      await abandon(place, table, async (session) => {
        await place.append(session, table, [['1', 'a']])
      })
      expect(await place.endpoint.describe(table.ref)).toBeUndefined()
      expect(await place.endpoint.listTables()).toEqual(before)
    },
  },
  unchanged('appended', async (place, session, table) => {
    await place.append(session, table, [['3', 'c']])
  }),
  unchanged('replaced', async (place, session, table) => {
    await place.replace(session, table, [['3', 'c']])
  }),
  unchanged('applied', async (place, session, table) => {
    await place.apply(session, table, {
      inserts: [['3', 'c']],
      updates: [
        [
          ['1', 'x'],
          ['1', 'a'],
        ],
      ],
      deletes: [['2', 'b']],
    })
  }),
  {
    name: 'columns that were added without a commit are gone',
    async run(place) {
      await place.fill(place.table('narrow', columns, ['id']), [['1', 'a']])
      const wider = place.table('narrow', [...columns, ['more', 'integer']], ['id'])
      await abandon(place, wider, async () => {})
      const described = given(await place.endpoint.describe(wider.ref), 'table')
      expect(described.columns.map(({ name }) => name)).toEqual(['id', 'v'])
    },
  },
  {
    name: 'disposing after a commit, or twice, does nothing',
    async run(place) {
      const table = place.table('kept', columns, ['id'])
      const session = await place.begin()
      await session.ensureTable(table)
      await place.append(session, table, [['1', 'a']])
      await session.commit()
      await session[Symbol.asyncDispose]()
      await session[Symbol.asyncDispose]()
      expect(await place.read(table)).toEqual([['1', 'a']])
    },
  },
  {
    name: 'others see nothing of a session before it commits',
    async run(place) {
      const table = place.table('shown', columns, ['id'])
      await place.fill(table, [['1', 'a']])
      await using others = await place.another()
      await using session = await place.begin()
      await session.ensureTable(table)
      await place.append(session, table, [['2', 'b']])
      expect(await countOf(others, table)).toBe(1)
      await session.commit()
      expect(await countOf(others, table)).toBe(2)
    },
  },
  {
    name: 'a session reads what it wrote',
    async run(place) {
      const table = place.table('mirrored', columns, ['id'])
      await using session = await place.begin()
      await session.ensureTable(table)
      await place.append(session, table, [['1', 'a']])
      {
        await using view = await given(session.snapshot?.(), 'session snapshot')
        expect(await place.exchange.texts(await view.read({ source: { table: table.ref } }))).toEqual([['1', 'a']])
        expect(await view.count({ source: { table: table.ref } })).toBe(1)
      }
      await session.commit()
      expect(await place.read(table)).toEqual([['1', 'a']])
    },
  },
  {
    name: 'a session reads what it replaced',
    async run(place) {
      const table = place.table('mirrored', columns, ['id'])
      await place.fill(table, [
        ['1', 'a'],
        ['2', 'b'],
      ])
      await using session = await place.begin()
      await session.ensureTable(table)
      await place.replace(session, table, [['3', 'c']])
      {
        await using view = await given(session.snapshot?.(), 'session snapshot')
        expect(await place.exchange.texts(await view.read({ source: { table: table.ref } }))).toEqual([['3', 'c']])
      }
      await session.commit()
    },
  },
  {
    name: 'the proof of a commit tells that it happened',
    async run(place) {
      const table = place.table('proved', columns, ['id'])
      const session = await place.begin()
      await session.ensureTable(table)
      await place.append(session, table, [['1', 'a']])
      const proof = await prove(session)
      await session.commit()
      await session[Symbol.asyncDispose]()
      expect(await outcome(place, proof)).toBe('committed')
      // A later commit may hide an earlier one, and then nobody may say that it did not happen.
      await place.fill(table, [['2', 'b']])
      expect(await outcome(place, proof)).not.toBe('rolled back')
    },
  },
  {
    name: 'the proof of a session that was not committed tells that it was rolled back',
    async run(place) {
      const table = place.table('unproved', columns, ['id'])
      await place.fill(table, [['1', 'a']])
      const session = await place.begin()
      await session.ensureTable(table)
      await place.append(session, table, [['2', 'b']])
      const proof = await prove(session)
      await session[Symbol.asyncDispose]()
      expect(await outcome(place, proof)).toBe('rolled back')
      expect(await place.read(table)).toEqual([['1', 'a']])
    },
  },
  {
    name: 'sessions follow one another',
    async run(place) {
      const table = place.table('chained', columns, ['id'])
      for (const id of ['1', '2', '3']) await place.fill(table, [[id, null]])
      expect(await place.read(table)).toHaveLength(3)
    },
  },
]

function unchanged(what: string, write: (place: Place, session: WriteSession, table: Table) => Promise<void>): Case {
  return {
    name: `what was ${what} without a commit leaves the table as it was`,
    async run(place) {
      const table = place.table('as_it_was', columns, ['id'])
      await place.fill(table, [
        ['1', 'a'],
        ['2', 'b'],
      ])
      await abandon(place, table, (session) => write(place, session, table))
      expect(await place.read(table)).toEqual([
        ['1', 'a'],
        ['2', 'b'],
      ])
      await place.fill(table, [['9', 'after']])
      expect(await place.read(table)).toHaveLength(3)
    },
  }
}

async function abandon(place: Place, table: Table, write: (session: WriteSession) => Promise<void>): Promise<void> {
  await using session = await place.begin()
  await session.ensureTable(table)
  await write(session)
}

/** The state keeps proofs as JSON. */
async function prove(session: WriteSession): Promise<CommitProof> {
  return JSON.parse(JSON.stringify(await given(session.proof?.(), 'proof')))
}

/** Asked by an endpoint that knows nothing of the session, as after a crash. */
async function outcome(place: Place, proof: CommitProof): Promise<string> {
  await using later = await place.another()
  return await given(later.writer?.outcome?.(proof), 'outcome')
}

async function countOf(endpoint: Place['endpoint'], table: Table): Promise<number> {
  await using view = await given(endpoint.reader, 'reader').snapshot()
  return await view.count({ source: { table: table.ref } })
}
