import { expect } from 'vitest'
import { type ConfigInput, openSyncline } from '../../src/index.ts'
import type { World } from './world.ts'

/** A table in which nothing keeps keys from being NULL. */
export const nullKeys: readonly string[] = [
  'CREATE TABLE t (a INTEGER, b VARCHAR(20), v VARCHAR(20))',
  "INSERT INTO t VALUES (1, 'x', 'stays'), (NULL, 'x', 'goes'), (NULL, 'x', 'goes too'), (1, NULL, 'goes'), (NULL, NULL, 'goes'), (3, 'z', 'goes')",
]

/** A mirror brings that table in step, as its plan says; what it did is no journal's. An upsert leaves such rows alone. */
export async function nullKeysGo(world: World, connection: string, object: string): Promise<void> {
  world.write('in.csv', 'a,b,v\n1,x,stays\n2,y,new\n')
  const config = (mode: 'mirror' | 'upsert'): ConfigInput => ({
    connections: { b: connection },
    syncs: { t: { from: './in.csv', to: { connection: 'b', object }, mode, key: ['a', 'b'], guard: 'off' } },
  })
  expect((await world.runOne(config('upsert'))).counts).toMatchObject({ inserted: 1, updated: 0, deleted: 0, rejected: 0 })
  const expected = { inserted: 0, updated: 0, deleted: 5, unchanged: 2, rejected: 0 }
  expect((await world.plan(config('mirror'))).counts).toMatchObject(expected)
  await using syncline = await openSyncline({ config: config('mirror'), cwd: world.folder })
  const [run] = await syncline.run().results
  expect(run).toMatchObject({ status: 'succeeded', error: null, counts: expected })
  expect((await world.verify(config('mirror'))).status).toBe('succeeded')
  const [back] = await syncline.undo(run?.id ?? '').results
  const message = expect.stringContaining('4 rows whose key was NULL were deleted')
  expect(back).toMatchObject({ status: 'failed', error: { code: 'CANNOT_UNDO', message } })
}
