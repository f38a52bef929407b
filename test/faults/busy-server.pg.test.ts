import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { World } from '../e2e/world.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { installedCommand } from '../services/installed-command.ts'
import { freshDatabase } from '../services/postgres.ts'

const entry = await installedCommand()

/** How long a trigger keeps the server busy, in seconds: as long as a large statement does. */
const busy = 25

test('a server that is busy for a killed process notices, and lets its locks go', { timeout: 90_000 }, async () => {
  await using database = await freshDatabase()
  using world = new World()
  world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY)', 'INSERT INTO t VALUES (1)')
  await database.run(
    'CREATE TABLE t (id bigint PRIMARY KEY)',
    `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(${busy}); RETURN NULL; END'`,
    'CREATE TRIGGER wait BEFORE INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION wait()',
  )
  world.write('syncline.yaml', `connections: { a: ./a.db, b: "${database.url}" }\nsyncs: { s: { from: a#t, to: b#t, mode: mirror } }\n`)
  const child = spawn(process.execPath, [entry, 'run'], { cwd: world.folder, stdio: 'ignore' })
  await waitUntil(async () => (await busyBackends(database)) > 0)
  const killed = performance.now()
  child.kill('SIGKILL')
  await waitUntil(async () => (await busyBackends(database)) === 0)
  expect((performance.now() - killed) / 1000).toBeLessThan(busy / 2)
})

async function busyBackends(database: FreshDatabase): Promise<number> {
  const rows = await database.rows(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'syncline' AND wait_event = 'PgSleep'",
  )
  return rows.length
}

async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await setTimeout(100)
}
