import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqlite } from '../../src/connectors/sqlite/sqlite.ts'
import { describeConnector } from './suite.ts'

describeConnector({
  name: 'sqlite',
  // SQLite stores negative zero as zero.
  equates: { real: ['-0'], double: ['-0'] },
  limits: {
    'a snapshot shows one moment': 'without a write-ahead log a commit waits for every reader; with one it is tested beside the connector',
    'checksums are equal for equal rows in any order, and for no others': 'SQLite has no hash function',
  },
  async prepare(directory) {
    const path = join(directory, 'tested.sqlite')
    return {
      open: async (context) => await sqlite.open(sqlite.parseOptions({ path }), context),
      ref: (name) => ({ name }),
      async execute(statement) {
        const database = new DatabaseSync(path, { timeout: 5000 })
        try {
          database.exec(statement)
        } finally {
          database.close()
        }
      },
      [Symbol.asyncDispose]: async () => {},
    }
  },
})
