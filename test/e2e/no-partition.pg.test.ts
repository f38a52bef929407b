import { expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

test.each<Mode>(['upsert', 'mirror', 'append', 'replace'])(
  '%s: a row that no partition takes stands alone, and is told of without its values',
  async (mode) => {
    await using database = await freshDatabase()
    await database.run(
      'CREATE TABLE t (id int, year int, PRIMARY KEY (id, year)) PARTITION BY RANGE (year)',
      'CREATE TABLE t_2024 PARTITION OF t FOR VALUES FROM (2024) TO (2025)',
    )
    using world = new World()
    world.write('in.csv', 'id,year\n1,2024\n2,2031\n3,2024\n')
    const config: ConfigInput = {
      connections: { b: database.url },
      syncs: { t: { from: './in.csv', to: 'b#t', mode, key: ['id', 'year'], guard: 'off', on_reject: 'continue' } },
    }
    expect(await world.runOne(config)).toMatchObject({ status: 'succeeded', counts: { read: 3, inserted: 2, rejected: 1 } })
    expect(await database.rows('SELECT id FROM t ORDER BY id')).toEqual([['1'], ['3']])
    const [reject] = await world.rejects(config)
    expect(reject).toMatchObject({ reason: 'constraint', detail: 'no partition of t takes a row', row: { id: '2', year: '2031' } })
  },
)
