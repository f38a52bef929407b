import { expect } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { World } from './world.ts'

/** A database past Syncline. */
export interface Database {
  readonly connection: string
  run(...statements: readonly string[]): Promise<unknown>
  rows(query: string): Promise<readonly (readonly unknown[])[]>
}

/** A replace of rows that no key tells apart leaves out those that the target refuses, and no others, of equal ones as many. */
export async function keylessReplaceLeavesOut({ connection, run, rows }: Database): Promise<void> {
  await run(
    'CREATE TABLE t (v int, w varchar(9) UNIQUE, CONSTRAINT positive CHECK (v > 0))',
    `INSERT INTO t VALUES (7, 'seven'), (8, 'eight')`,
  )
  using world = new World()
  const good = Array.from({ length: 60 }, (_, index) => `${index + 1},`)
  world.write('in.csv', ['v,w', ...good, '-2,', '7,seven', '5,', '-2,', '5,', '9,seven', ...good, ''].join('\n'))
  const config = (more: object = {}): ConfigInput => ({
    connections: { b: connection },
    syncs: { t: { from: './in.csv', to: 'b#t', mode: 'replace', guard: 'off', ...more } },
  })
  const content = async () => (await rows('SELECT v, w FROM t')).map(([v, w]) => `${v},${w ?? ''}`).sort()

  expect(await world.runOne(config())).toMatchObject({ status: 'failed', error: { code: 'REJECTS' } })
  expect(await content()).toEqual(['7,seven', '8,eight'])
  expect(await world.rejects(config())).toHaveLength(3)

  const result = await world.runOne(config({ on_reject: 'continue' }))
  expect(result).toMatchObject({
    status: 'succeeded',
    error: null,
    counts: { read: 126, inserted: 122, deleted: 1, unchanged: 1, rejected: 3 },
  })
  expect(result.details.verifiedBy).toBe('rows')
  const rejects = (await world.rejects(config())).map(({ reason, row, detail }) => ({ reason, row, detail }))
  expect(rejects.map(({ reason }) => reason)).toEqual(['constraint', 'constraint', 'constraint'])
  expect(rejects.map(({ row }) => row.v).filter((v) => v === '-2')).toHaveLength(2)
  expect(rejects.find(({ row }) => row.v === '-2')?.detail).toMatch(/positive|the check/)
  // Of two that share a value the first is taken, whichever comes first.
  const shared = rejects.find(({ row }) => row.v !== '-2')?.row
  expect(['7,seven', '9,seven']).toContain(`${shared?.v},${shared?.w}`)
  const taken = ['7,seven', '9,seven'].filter((row) => row !== `${shared?.v},${shared?.w}`)
  expect(await content()).toEqual([...good, ...good, '5,', '5,', ...taken].sort())
}
