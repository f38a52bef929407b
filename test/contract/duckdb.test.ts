import { join } from 'node:path'
import { duckdb } from '../../src/connectors/duckdb/duckdb.ts'
import { shareDatabase } from '../../src/connectors/duckdb/instances.ts'
import { describeConnector } from './suite.ts'

describeConnector({
  name: 'duckdb',
  limits: {
    'rows that stay keep the rows that hang on them through a replace':
      'DuckDB has no ON DELETE CASCADE; plain foreign keys are tested beside the connector',
  },
  lacks: {
    'timestamp(6)': ['294276-12-31 23:59:59.999999'],
    'timestamptz(6)': ['294276-12-31 23:59:59.999999+00'],
  },
  async prepare(directory) {
    const path = join(directory, 'tested.duckdb')
    return {
      open: async (context) => await duckdb.open(duckdb.parseOptions({ path }), context),
      ref: (name) => ({ name }),
      async execute(statement) {
        await using database = await shareDatabase(path, false)
        const connection = await database.instance.connect()
        await connection.run(statement)
        connection.disconnectSync()
      },
      [Symbol.asyncDispose]: async () => {},
    }
  },
})
