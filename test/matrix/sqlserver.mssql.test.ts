import { describe, test } from 'vitest'
import { noMysql } from '../services/mysql.ts'
import { noServer } from '../services/sqlserver.ts'
import { serverHabits } from '../services/sqlserver-habits.ts'
import { describePairs } from './describe-pairs.ts'
import type { MatrixSystem } from './system.ts'
import { mysqlHere } from './systems/mysql.ts'
import { postgres } from './systems/postgres.ts'
import { sqlserver } from './systems/sqlserver.ts'
import { embedded } from './systems.ts'

const { holdsNul } = await serverHabits()

/** SQL Server holds U+0000; a server that does not says nothing of what becomes of it. */
function asHere(system: MatrixSystem): MatrixSystem {
  if (holdsNul) return system
  const samples = system.samples.map((sample) => ({ ...sample, values: sample.values.filter((text) => !text.includes('\0')) }))
  return { ...system, samples }
}

const here = asHere(sqlserver)
const others = [postgres, ...(noMysql === undefined ? [mysqlHere] : []), ...embedded].map(asHere)

if (noServer === undefined) describePairs([...others, here], [here])
else describe.skip(`SQL Server: ${noServer}`, () => test('what becomes of each type', () => {}))
