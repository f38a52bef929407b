import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { installedCommand } from '../services/installed-command.ts'
import { World } from './world.ts'

const root = join(import.meta.dirname, '..', '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** The code blocks of the README in one language. */
function blocks(language: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code ?? '')
}

test('the config of the README loads', async () => {
  const [config = ''] = blocks('yaml')
  using world = new World()
  world.write('syncline.yaml', config)
  await using syncline = await openSyncline({ cwd: world.folder })
  expect(syncline.syncs).toEqual(['customers'])
})

test('the many tables of the README are synced as it says', async () => {
  const [, config = ''] = blocks('yaml')
  using world = new World()
  world.write('syncline.yaml', config)
  world.sqlite(
    'shop.db',
    'CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)',
    'CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers, updated_at INTEGER)',
    'CREATE TABLE lines (id INTEGER PRIMARY KEY, ordered INTEGER REFERENCES orders)',
    'CREATE TABLE audit_log (id INTEGER PRIMARY KEY)',
    "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Carl')",
    'INSERT INTO orders VALUES (1, 1, 5), (2, 2, 6)',
    'INSERT INTO lines VALUES (1, 1), (2, 1), (3, 2)',
  )
  const { status, stdout } = spawnSync(process.execPath, [await installedCommand(), 'run'], { cwd: world.folder, encoding: 'utf8' })
  expect(status).toBe(0)
  const [shown = ''] = /^shop\/customers.*?(?=^```)/ms.exec(readme) ?? []
  const outcome = (text: string) => [...text.matchAll(/^(\S+ +✓ \d+ inserts) in .*?, (verified)$/gm)].map(([, ...parts]) => parts)
  expect(outcome(stdout)).toEqual(outcome(shown))
  expect(outcome(stdout)).toHaveLength(3)
})

test('the program of the README runs', () => {
  const [program = ''] = blocks('ts')
  using world = new World()
  world.write('orders.csv', 'id,total\n1,1.50\n2,2.50\n')
  world.write('program.ts', program.replace("'syncline'", `'${pathToFileURL(join(root, 'src', 'index.ts')).href}'`))
  const { status, stdout } = spawnSync(process.execPath, [world.path('program.ts')], { cwd: world.folder, encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout).toContain('succeeded')
  expect(world.rows('shop.db', 'SELECT * FROM orders ORDER BY id')).toEqual([
    [1n, '1.50'],
    [2n, '2.50'],
  ])
})

test('the commands of the README are those of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  expect(blocks('sh').map((block) => block.trim())).toEqual(['npm ci && npm run demo', 'npm cit'])
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test']))
})

test('the demo shows a plan, applies it, and proves that both sides agree', { timeout: 60_000 }, () => {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'examples', 'demo', 'demo.ts')], { encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout).toMatch(/1 insert {3}2 updates {3}1 delete {3}3,373 unchanged/)
  expect(stdout).toContain('both sides agree   3,376 unchanged')
})
