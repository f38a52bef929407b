import { describe, test } from 'vitest'
import { noMysql } from '../services/mysql.ts'
import { describePairs } from './describe-pairs.ts'
import { mysqlHere } from './systems/mysql.ts'
import { postgres } from './systems/postgres.ts'
import { embedded } from './systems.ts'

if (noMysql === undefined) describePairs([postgres, mysqlHere, ...embedded], [mysqlHere])
else describe.skip(`MySQL: ${noMysql}`, () => test('what becomes of each type', () => {}))
