import { describe, test } from 'vitest'
import { noMysql } from '../services/mysql.ts'
import { noServer } from '../services/sqlserver.ts'
import { serverHabits } from '../services/sqlserver-habits.ts'
import { describePairs } from './describe-pairs.ts'
import type { MatrixSystem, Sample } from './system.ts'
import { mysqlHere } from './systems/mysql.ts'
import { postgres } from './systems/postgres.ts'
import { sqlserver } from './systems/sqlserver.ts'
import { embedded } from './systems.ts'

const { holdsNul, holdsSevenDigits } = await serverHabits()

/** SQL Server holds U+0000 and seven digits of a second; a server that does not says nothing of what becomes of them. */
function asHere(system: MatrixSystem): MatrixSystem {
  const values = (sample: Sample) => (holdsNul ? sample.values : sample.values.filter((text) => !text.includes('\0')))
  const samples = system.samples.map((sample) => ({ ...sample, values: values(sample), ...untriedOf(sample) }))
  return { ...system, samples }
}

function untriedOf({ type }: Sample): Pick<Sample, 'untried'> {
  const finer = 'precision' in type && type.kind !== 'decimal' && (type.precision ?? 0) > 6
  return finer && !holdsSevenDigits ? { untried: 'the server holds six digits of a second' } : {}
}

const here = asHere(sqlserver)
const others = [postgres, ...(noMysql === undefined ? [mysqlHere] : []), ...embedded].map(asHere)

if (noServer === undefined) describePairs([...others, here], [here])
else describe.skip(`SQL Server: ${noServer}`, () => test('what becomes of each type', () => {}))
