import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { recorded } from './recorded.ts'
import { systems } from './systems.ts'
import { typesPage } from './types-page.ts'
import { pagePath } from './write-page.ts'

test('docs/types.md is what was recorded; `npm run types` writes it', () => {
  expect(readFileSync(pagePath, 'utf8')).toBe(typesPage(systems, recorded))
})

test('every recorded pair is one of the matrix', () => {
  for (const { id, samples } of systems) {
    for (const [target, outcomes] of Object.entries(recorded(id))) {
      expect(systems.map((system) => system.id)).toContain(target)
      expect([id, target, Object.keys(outcomes)]).toEqual([id, target, samples.map(({ name }) => name)])
    }
  }
})
