import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

/** What a run proves before it commits, by what `verify` says. The target's trigger bends one row of what is written. */
describe('verify', () => {
  let database: FreshDatabase
  beforeAll(async () => {
    database = await freshDatabase()
    await database.run(
      `create function bend() returns trigger language plpgsql as $$ begin if new.id = 7 then new.name := 'bent'; end if; return new; end $$`,
    )
  })
  afterAll(async () => {
    await database[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    await database.run(
      'drop table if exists source, target',
      'create table source (id int primary key, name text)',
      `insert into source select i, 'name ' || i from generate_series(1, 40) i`,
      'create table target (id int primary key, name text)',
      'insert into target select * from source where id in (1, 2)',
    )
  })

  const run = async (mode: string, verify: string) => {
    using world = new World()
    const sync = { from: 'shop#source', to: 'shop#target', mode, verify, guard: 'off' }
    return await world.runOne({ connections: { shop: database.url }, syncs: { s: sync } } as never)
  }
  const bend = async () => await database.run('create trigger bends before insert or update on target for each row execute function bend()')
  const held = async () => (await database.rows('select id from target')).length

  test.each(['upsert', 'mirror', 'replace'])('full and checksum find in a %s what the target bent, and take it back', async (mode) => {
    await bend()
    for (const verify of ['full', 'checksum']) {
      expect(await run(mode, verify)).toMatchObject({ status: 'failed', error: { code: 'VERIFY_FAILED' } })
      expect(await held()).toBe(2)
    }
  })

  test.each(['upsert', 'mirror', 'replace'])('counts and off do not look at the rows of a %s', async (mode) => {
    await bend()
    expect(await run(mode, 'counts')).toMatchObject({
      status: 'succeeded',
      details: { verified: 'row counts agree (40)', verifiedBy: 'counts' },
    })
    expect(await held()).toBe(40)
  })

  test('off proves nothing and says nothing', async () => {
    await bend()
    const { status, details } = await run('upsert', 'off')
    expect({ status, verified: details.verified }).toEqual({ status: 'succeeded', verified: undefined })
  })

  test.each([
    ['upsert', 'full', 'the whole target was read back and agrees', 'rows'],
    ['upsert', 'checksum', '38 changed rows were read back and agree', 'rows'],
    ['mirror', 'checksum', '38 changed rows were read back and agree', 'rows'],
    ['replace', 'checksum', 'checksums of all 40 rows agree', 'checksums'],
    ['replace', 'full', 'the whole target was read back and agrees', 'rows'],
  ])('a %s with verify: %s says what was proved', async (mode, verify, verified, verifiedBy) => {
    expect(await run(mode, verify)).toMatchObject({ status: 'succeeded', details: { verified, verifiedBy } })
  })

  describe('by default', () => {
    /** No constraint proves that names are keys, so that the stage has to hold the rows. */
    const held = async () => {
      using world = new World()
      const sync = { from: 'shop#source', to: 'shop#target', mode: 'replace', key: 'name', guard: 'off' } as const
      return await world.runOne({ connections: { shop: database.url }, syncs: { s: sync } })
    }

    test('few rows that the stage held are read back, and what is bent is found', async () => {
      await bend()
      expect(await held()).toMatchObject({ status: 'failed', error: { code: 'VERIFY_FAILED' } })
      await database.run('drop trigger bends on target')
      expect(await held()).toMatchObject({
        details: { path: expect.stringMatching(/^staged/), verified: 'the whole target was read back and agrees' },
      })
    })

    test('many are counted, and the run says why', async () => {
      await database.run(`insert into source select i, 'name ' || i from generate_series(41, 10001) i`)
      expect(await held()).toMatchObject({
        details: { verified: 'row counts agree (10,001): reading all rows back costs about what the load did', verifiedBy: 'counts' },
      })
    })

    test('an append counts what it added, and says why', async () => {
      await database.run('delete from source where id < 3')
      using world = new World()
      const sync = { from: 'shop#source', to: 'shop#target', mode: 'append' } as const
      expect(await world.runOne({ connections: { shop: database.url }, syncs: { s: sync } })).toMatchObject({
        details: { verified: 'row counts agree (38): the rows that were there before were not read', verifiedBy: 'counts' },
      })
    })
  })

  test('a checksum of the source that was begun while it was loaded ends with a load that fails', { timeout: 120_000 }, async () => {
    await database.run(
      'create table many (id bigint primary key, name text)',
      `insert into many select i, repeat('x', 200) || i from generate_series(1, 60000) i`,
      'create table few (id bigint primary key check (id <> 3000), name text)',
    )
    using world = new World()
    const sync = { from: 'shop#many', to: 'shop#few', mode: 'replace' as const }
    const failed = await world.runOne({ connections: { shop: database.url }, syncs: { s: sync } })
    expect(failed).toMatchObject({ status: 'failed' })
    const others = `select pid from pg_stat_activity where datname = current_database() and application_name = 'syncline'`
    await vi.waitFor(async () => expect(await database.rows(others)).toEqual([]))
    await database.run('alter table few drop constraint few_id_check')
    expect(await world.runOne({ connections: { shop: database.url }, syncs: { s: sync } })).toMatchObject({
      status: 'succeeded',
      details: { verified: 'checksums of all 60,000 rows agree' },
    })
  })

  test('rows of which few are new are read back by their keys, and what is bent is found', async () => {
    await database.run(
      'truncate target',
      `insert into source select i, 'x' from generate_series(41, 400) i`,
      'insert into target select * from source where id > 20',
    )
    await bend()
    expect(await run('upsert', 'checksum')).toMatchObject({ status: 'failed', error: { code: 'VERIFY_FAILED' } })
    expect(await held()).toBe(380)
  })
})
