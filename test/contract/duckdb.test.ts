import { join } from 'node:path'
import { duckdb } from '../../src/connectors/duckdb/duckdb.ts'
import { describeConnector } from './suite.ts'

describeConnector({
  name: 'duckdb',
  async prepare(directory) {
    const path = join(directory, 'tested.duckdb')
    return {
      open: async (context) => await duckdb.open(duckdb.parseOptions({ path }), context),
      ref: (name) => ({ name }),
      [Symbol.asyncDispose]: async () => {},
    }
  },
})
