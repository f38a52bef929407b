import { describe, test } from 'vitest'
import { noMysql } from '../services/mysql.ts'
import { noServer } from '../services/sqlserver.ts'
import { describePairs } from './describe-pairs.ts'
import { mysqlHere } from './systems/mysql.ts'
import { postgres } from './systems/postgres.ts'
import { sqlserver } from './systems/sqlserver.ts'
import { embedded } from './systems.ts'

if (noServer === undefined) describePairs([postgres, ...(noMysql === undefined ? [mysqlHere] : []), sqlserver, ...embedded], [sqlserver])
else describe.skip(`SQL Server: ${noServer}`, () => test('what becomes of each type', () => {}))
