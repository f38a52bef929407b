import { expect } from 'vitest'
import type { ConfigInput, RunResult } from '../../../src/index.ts'
import { World } from '../../e2e/world.ts'

export const sourceRows = 3000

/** The text of a row: long enough that rows do not fit into one packet or page. */
export const textOf = (id: number) => `value ${id} ${'x'.repeat(id % 40)}`

/** A world whose target holds other rows than the source: some are the same, one differs, and some a mirror deletes. */
export function filledTarget(): World {
  const world = new World()
  world.sqlite('t.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)')
  const ids = [...Array.from({ length: 500 }, (_, index) => index + 1), 90_001, 90_002]
  world.sqlite('t.db', `INSERT INTO t VALUES ${ids.map((id) => `(${id}, '${id === 7 ? 'old' : textOf(id)}')`).join(', ')}`)
  return world
}

/** A mirror into that target that no guard stops. */
export function mirrorOf(
  from: NonNullable<ConfigInput['syncs']>[string]['from'],
  connections: ConfigInput['connections'] = {},
): ConfigInput {
  return { connections, syncs: { s: { from, to: './t.db#t', mode: 'mirror', key: 'id', guard: 'off' } } }
}

const held = (world: World) => JSON.stringify(world.rows('t.db', 'SELECT id, v FROM t ORDER BY id').map(String))

/**
 * Runs the mirror while its source breaks: the target is as it was, or else it is exactly the source. Never between.
 * @returns how it ended.
 */
export async function runWholeOrNothing(world: World, config: ConfigInput): Promise<RunResult> {
  const before = held(world)
  const result = await world.runOne(config)
  const whole = JSON.stringify(Array.from({ length: sourceRows }, (_, index) => `${index + 1},${textOf(index + 1)}`))
  const now = held(world)
  const is = now === before ? 'as it was' : now === whole ? 'the source' : 'neither'
  expect([result.status, is]).toEqual(result.status === 'succeeded' ? ['succeeded', 'the source'] : ['failed', 'as it was'])
  return result
}

/** The same where the read must not end well. */
export async function runUnchanged(world: World, config: ConfigInput): Promise<void> {
  const result = await runWholeOrNothing(world, config)
  expect(result.status).toBe('failed')
}
