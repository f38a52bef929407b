import { freshDatabase } from '../../services/postgres.ts'
import { describeCuts } from './cut-connection.ts'
import { sourceRows } from './whole-or-nothing.ts'

describeCuts('PostgreSQL', async () => {
  const database = await freshDatabase()
  await database.run(
    'CREATE TABLE s (id int PRIMARY KEY, v text)',
    `INSERT INTO s SELECT i, 'value ' || i || ' ' || repeat('x', i % 40) FROM generate_series(1, ${sourceRows}) i`,
  )
  return { url: database.url, port: 5432, object: 's', [Symbol.asyncDispose]: async () => await database[Symbol.asyncDispose]() }
})
