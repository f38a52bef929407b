import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqlite } from '../../src/connectors/sqlite/sqlite.ts'
import { describeConnector } from './suite.ts'

describeConnector({
  name: 'sqlite',
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
