import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const docs = join(import.meta.dirname, '..', '..', 'docs')
const page = readFileSync(join(docs, 'guarantees.md'), 'utf8')

/** What stands in backquotes behind a link is a title in the file that it leads to. */
const links = [...page.matchAll(/\]\((?<path>[^)]+)\)(?:: `(?<title>[^`]+)`)?/g)].map(
  ({ groups }) => [groups?.path ?? '', groups?.title] as const,
)

test.each(links)('%s holds %s', (path, title) => {
  expect(existsSync(join(docs, path)), path).toBe(true)
  if (title !== undefined) expect(readFileSync(join(docs, path), 'utf8')).toContain(title)
})

test('every promise names a test', () => {
  const promises = page.split(/^## /m).slice(1)
  expect(promises).toHaveLength(7)
  for (const promise of promises) expect(promise, promise.slice(0, 40)).toMatch(/\.test\.ts\): `/)
})
