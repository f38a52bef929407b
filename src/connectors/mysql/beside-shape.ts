import { qualified, type RelationName } from './names.ts'
import type { Session } from './session.ts'

/** Whether a table that was made like another one would be made so now: that one may have been altered since. */
export async function isAlike(session: Session, name: RelationName, beside: RelationName): Promise<boolean> {
  const made = newOf(beside)
  await session.execute(`DROP TABLE IF EXISTS ${qualified(made)}`)
  await session.execute(`CREATE TABLE ${qualified(made)} LIKE ${qualified(name)}`)
  const alike = (await shapeOf(session, beside)) === (await shapeOf(session, made))
  await session.execute(`DROP TABLE ${qualified(made)}`)
  return alike
}

/** Beside what lies beside, to compare with. */
export function newOf({ database, name }: RelationName): RelationName {
  return { database, name: `${name}_new` }
}

/** Everything that LIKE makes of a table: two tables that were made alike have the same. */
export async function shapeOf(session: Session, name: RelationName): Promise<string> {
  const [[, create] = []] = await session.rows(`SHOW CREATE TABLE ${qualified(name)}`)
  // Names of checks may hold the table's.
  return (create ?? '').replaceAll(name.name, '').replace(/ AUTO_INCREMENT=\d+/, '')
}
