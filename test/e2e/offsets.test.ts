import { expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { World } from './world.ts'

test.each([
  ['timestamptz', '2024-03-01 09:30:00', 'it has no offset; `zone` of the connection it is read from'],
  ['timestamp', '2024-03-01 09:30:00+01', 'it has an offset; `zone` of the target’s connection'],
])('a text that only its offset keeps from being a %s is told so', async (type, text, why) => {
  using world = new World()
  world.write('in.csv', `id,at\n1,${text}\n2,soon\n`)
  const from = { connection: './', object: 'in.csv', columns: { id: 'integer', at: type } }
  const config: ConfigInput = { syncs: { t: { from, to: './t.duckdb#t', mode: 'mirror', key: 'id', on_reject: 'continue' } } }
  expect((await world.runOne(config)).counts).toMatchObject({ read: 2, rejected: 2 })
  const details = new Map((await world.rejects(config)).map(({ row, detail }) => [row.id, detail]))
  expect(details.get('1')).toContain(why)
  expect(details.get('1')).not.toContain(text)
  expect(details.get('2')).toMatch(/^`at` is not exactly a value of [\w ]+$/i)
})
