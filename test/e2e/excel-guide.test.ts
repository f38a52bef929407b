import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from './command.ts'
import { World } from './world.ts'

const root = join(import.meta.dirname, '..', '..')
const book = join(root, 'examples', 'excel-to-postgres', 'prices.xlsx')

/** The guide shows a config for each way to read a book: each is run on the example's book, into a SQLite file of its own. */
const guide = readFileSync(join(root, 'docs', 'excel-reading.md'), 'utf8')
const configs = [...guide.matchAll(/^```yaml\n(.*?)^```\n+.*?^```\n(.*?)^```/gms)].map(([, config = '', shown = '']) => ({ config, shown }))

test('the guide has examples', () => {
  expect(configs.length).toBeGreaterThanOrEqual(4)
})

test.each(configs)('the guide shows what happens: %#', { timeout: 60_000 }, async ({ config, shown }) => {
  using world = new World()
  cpSync(book, world.path('prices.xlsx'))
  const connections = 'connections: { desk: ., shop: ./shop.db }\n'
  world.write('syncline.yaml', `${connections}syncs:\n  example:\n${config.replace(/^/gm, '    ')}\n    to: shop#t\n    mode: replace\n`)
  const preview = await command(world.folder, ['preview', 'example', '--no-color'])
  expect({ code: preview.code, stdout: lines(preview.stdout) }).toEqual({ code: 0, stdout: lines(shown) })
})

function lines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
}
