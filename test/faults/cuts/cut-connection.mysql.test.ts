import { describe } from 'vitest'
import { freshMysqlDatabase, noMysql } from '../../services/mysql.ts'
import { describeCuts } from './cut-connection.ts'
import { sourceRows, textOf } from './whole-or-nothing.ts'

describe.skipIf(noMysql !== undefined)(`cuts${noMysql === undefined ? '' : ` (${noMysql})`}`, () => {
  describeCuts('MySQL', async () => {
    const database = await freshMysqlDatabase()
    const values = Array.from({ length: sourceRows }, (_, index) => `(${index + 1}, '${textOf(index + 1)}')`)
    await database.run('CREATE TABLE s (id int PRIMARY KEY, v text)', `INSERT INTO s VALUES ${values.join(', ')}`)
    return { url: database.url, port: 3306, object: 's', [Symbol.asyncDispose]: async () => await database[Symbol.asyncDispose]() }
  })
})
