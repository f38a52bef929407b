import { Client } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { postgres } from '../../src/connectors/postgres/postgres.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { describeConnector } from './suite.ts'

let database: FreshDatabase | undefined
let cases = 0
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(async () => {
  await database?.[Symbol.asyncDispose]()
})

describeConnector({
  name: 'postgres',
  lacks: { text: ['a\u0000b'] },
  // A schema for each case: a database for each would take most of the time.
  async prepare() {
    const url = database?.url ?? ''
    const schema = `case_${++cases}`
    const execute = (statement: string) => run(url, `set search_path = ${schema}; ${statement}`)
    await run(url, `create schema ${schema}`)
    return {
      open: async (context) => await postgres.open(postgres.parseOptions({ url, schema }), context),
      ref: (name) => ({ name }),
      execute,
      [Symbol.asyncDispose]: () => run(url, `drop schema ${schema} cascade`),
    }
  },
})

async function run(url: string, statement: string): Promise<void> {
  const client = new Client(url)
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
