import { Client } from 'pg'
import { postgres } from '../../src/connectors/postgres/postgres.ts'
import { freshDatabase } from '../services/postgres.ts'
import { describeConnector } from './suite.ts'

describeConnector({
  name: 'postgres',
  async prepare() {
    const database = await freshDatabase()
    return {
      open: async (context) => await postgres.open(postgres.parseOptions({ url: database.url }), context),
      ref: (name) => ({ name }),
      async execute(statement) {
        const client = new Client(database.url)
        await client.connect()
        try {
          await client.query(statement)
        } finally {
          await client.end()
        }
      },
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    }
  },
})
