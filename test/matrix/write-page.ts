import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startVitest } from 'vitest/node'
import { recorded } from './recorded.ts'
import { systems } from './systems.ts'
import { typesPage } from './types-page.ts'

export const pagePath = join(import.meta.dirname, '..', '..', 'docs', 'types.md')

/**
 * `npm run types`: runs the matrix, records what it sees, and writes `docs/types.md`. Parts that need a server which is not
 * there stay as they were.
 */
if (import.meta.main) {
  process.env.SYNCLINE_WRITE_DOCS = '1'
  const vitest = await startVitest('test', ['test/matrix'], { watch: false, fileParallelism: false, exclude: ['**/types-page.test.ts'] })
  await vitest.close()
  writeFileSync(pagePath, typesPage(systems, recorded))
}
