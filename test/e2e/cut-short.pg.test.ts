import { truncateSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

const modes: readonly Mode[] = ['mirror', 'replace', 'upsert', 'append']

/** Rows of which the last is long in coming. */
const slowly = (table: string) =>
  `CREATE VIEW ${table} AS SELECT i AS id, 'v' || i || CASE WHEN i = 3000 THEN left(pg_sleep(20)::text, 0) ELSE '' END AS v
     FROM generate_series(1, 3000) i`

/** Ends the session that waits for that last row. */
async function killReader(database: FreshDatabase): Promise<void> {
  for (;;) {
    const killed = await database.rows(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
    )
    if (killed.length > 0) return
    await setTimeout(5)
  }
}

describe.each(modes)('%s', (mode) => {
  test('from a server that dies midway changes nothing, and deletes nothing above all', async () => {
    await using database = await freshDatabase()
    using world = new World()
    await database.run(slowly('s'))
    const before = [
      [1n, 'old'],
      [5000n, 'old'],
    ]
    for (const to of ['./b.db#t', './b.csv']) {
      if (to.endsWith('t'))
        world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', "INSERT INTO t VALUES (1, 'old'), (5000, 'old')")
      else world.write('b.csv', 'id,v\n1,old\n5000,old\n')
      const config: ConfigInput = { connections: { a: database.url }, syncs: { t: { from: 'a#s', to, mode, key: 'id', guard: 'off' } } }
      const run = world.runOne(config)
      await Promise.race([run, killReader(database)])
      const result = await run
      expect(result).toMatchObject({ status: 'failed', error: { fix: 'retry' } })
      expect(result.error?.hint).toBeTruthy()
    }
    expect(world.rows('b.db', 'SELECT * FROM t ORDER BY id')).toEqual(before)
    await world.runOne({ syncs: { look: { from: './b.csv', to: './look.db#t', mode: 'replace' } } })
    expect(world.rows('look.db', 'SELECT * FROM t ORDER BY id')).toEqual(before)
  })

  test.each(['csv', 'ndjson'])('from a %s file that is cut while it is read never deletes', async (kind) => {
    using world = new World()
    const line = (id: number) => (kind === 'csv' ? `${id},value ${id}` : `{"id":${id},"v":"value ${id}"}`)
    const content = `${kind === 'csv' ? 'id,v\n' : ''}${Array.from({ length: 60_000 }, (_, index) => line(index)).join('\n')}\n`
    world.write(`in.${kind}`, content)
    world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)')
    world.sqlite(
      'b.db',
      "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 30000 UNION ALL SELECT i + 1 FROM n WHERE i < 59999) SELECT i, 'value ' || i FROM n",
    )
    let cut = false
    const config: ConfigInput = { syncs: { t: { from: `./in.${kind}`, to: './b.db#t', mode, key: 'id', guard: 'off' } } }
    const result = await world.watchOne(config, (phase) => {
      if (cut || phase !== 'reading') return
      // Within the first cell of a line: what is left could not be taken for a whole file.
      truncateSync(world.path(`in.${kind}`), content.indexOf('\n', content.length / 2) + 3)
      cut = true
    })
    expect(world.rows('b.db', 'SELECT count(*) FROM t WHERE id >= 30000')).toEqual([[30_000n]])
    expect(world.rows('b.db', 'SELECT count(*) FROM t')).toEqual([[result.status === 'succeeded' ? 60_000n : 30_000n]])
  })
})

test('a target whose read is cut short is not taken for an empty one', async () => {
  await using database = await freshDatabase()
  using world = new World()
  await database.run(slowly('t'))
  world.write('in.csv', 'id,v\n1,v1\n')
  const config: ConfigInput = {
    connections: { b: database.url },
    syncs: { t: { from: './in.csv', to: 'b#t', mode: 'mirror', key: 'id', guard: 'off' } },
  }
  const run = world.runOne(config)
  await Promise.race([run, killReader(database)])
  expect(await run).toMatchObject({ status: 'failed', error: { fix: 'retry' } })
})
