import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { installedCommand } from '../services/installed-command.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { command } from './command.ts'
import { World } from './world.ts'

const entry = await installedCommand()

test.skipIf(noMysql !== undefined)('a run that was killed in a long statement holds nothing: the next one starts at once', async () => {
  await using database = await freshMysqlDatabase()
  using world = new World()
  const rows = Array.from({ length: 200 }, (_, id) => `${id},v\n`)
  world.write('in.csv', `id,v\n${rows.join('')}`)
  const url = new URL(database.url)
  url.searchParams.set('lock_timeout', '5')
  world.write(
    'syncline.yaml',
    `connections: { b: '${url.href}' }\nsyncs:\n  s: { from: ./in.csv, to: b#t, mode: mirror, key: id, guard: { deletes: 100% } }\n`,
  )
  await database.run(
    'CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10) NOT NULL)',
    "INSERT INTO t WITH RECURSIVE n AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 199) SELECT i, 'old' FROM n",
    // The server is busy for two minutes with one statement.
    'CREATE TRIGGER slow BEFORE UPDATE ON t FOR EACH ROW DO SLEEP(0.6)',
  )
  const child = spawn(process.execPath, [entry, 'run', 's', '--json'], { cwd: world.folder, stdio: 'ignore' })
  const busy = "SELECT count(*) FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep' AND DB = DATABASE()"
  await expect.poll(async () => await database.rows(busy), { timeout: 20_000 }).toEqual([['1']])
  child.kill('SIGKILL')
  await database.run('SELECT SLEEP(0.2)')
  expect(await database.rows(busy)).toEqual([['1']])

  world.write('in.csv', `id,v\n${rows.slice(0, 2).join('')}`)
  const next = await command(world.folder, ['run', 's', '--json'])
  expect(JSON.parse(next.stdout).runs).toMatchObject([{ status: 'succeeded', error: null, counts: { updated: 2, deleted: 198 } }])
  expect(await database.rows('SELECT id, v FROM t ORDER BY id')).toEqual([
    ['0', 'v'],
    ['1', 'v'],
  ])
  const left = readdirSync(world.path('.syncline'), { recursive: true, encoding: 'utf8' })
  expect(left.filter((name) => /writers\/\d+$/.test(name))).toEqual([])
})
