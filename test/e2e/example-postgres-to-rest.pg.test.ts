import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshDatabase } from '../services/postgres.ts'

test('the example from PostgreSQL to an API does what it says', { timeout: 60_000 }, async () => {
  await using database = await freshDatabase()
  const example = join(import.meta.dirname, '..', '..', 'examples', 'postgres-to-rest', 'example.ts')
  const { status, stdout } = spawnSync(process.execPath, [example, database.url], { encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout).toContain('2 inserts, 1 reject')
  expect(stdout).toContain('{"error":"not known is no address"}')
  expect(stdout).toContain('2 inserts, 1 delete')
  expect(stdout).toMatch(/1000 {2}Somebody Else.*\n1001 {2}Ada Lovelace.*\n1003 {2}Emmy Noether.*\n1004 {2}Sofja Kowalewskaja/)
  expect(stdout).toContain('in step, 3 unchanged')
})
