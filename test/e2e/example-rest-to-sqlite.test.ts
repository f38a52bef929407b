import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('the example from an API to SQLite does what it says', { timeout: 60_000 }, () => {
  const example = join(import.meta.dirname, '..', '..', 'examples', 'rest-to-sqlite', 'example.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [example], { encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout).toContain('230 inserts')
  expect(stdout).toContain('231 inserts')
  expect(stdout).toMatch(/contacts {3}✗ crm: GET \/contacts: the connection to \S+ broke off/)
  expect(stderr).toContain('goes on after 200 rows')
  expect(stdout).toMatch(/contacts {3}✓ 1 insert, 1 update, 1 delete/)
  expect(stdout.match(/both sides agree {3}230 unchanged/g)).toHaveLength(2)
})
