import { randomBytes } from 'node:crypto'
import { shortHash } from './lock.ts'
import { qualified, type RelationName } from './names.ts'
import type { Session } from './session.ts'
import { literal } from './sql.ts'

/** A table that was loaded beside and takes its name after the commit; `former` is what the one that had the name is called then. */
export interface Renaming {
  readonly beside: RelationName
  readonly name: RelationName
  readonly former?: RelationName
  /** The former one is kept. */
  readonly keeps?: true
  /** What was loaded beside outlives a session that fails: the next run goes on with it. */
  readonly gathered?: true
}

/** A renaming of a table that is new, or that takes another's place. @param kept what the other one is called from then on, where it stays. */
export function renamingOf(name: RelationName, replaces: boolean, kept?: RelationName): Renaming {
  const stem = `_syncline_${shortHash(name)}_${randomBytes(5).toString('hex')}`
  const own = (suffix: string) => ({ database: name.database, name: `${stem}_${suffix}` })
  if (kept) return { beside: own('new'), name, former: kept, keeps: true }
  return { beside: own('new'), name, ...(replaces ? { former: own('old') } : {}) }
}

/** All at once: RENAME TABLE is atomic, also through a crash. What was renamed already is left out. */
export async function rename(session: Session, renamings: readonly Renaming[]): Promise<void> {
  const open: Renaming[] = []
  for (const one of renamings) if (await exists(session, one.beside)) open.push(one)
  if (open.length > 0) await session.execute(renameSql(open))
  for (const { former, keeps } of renamings) if (former && !keeps) await session.execute(`DROP TABLE IF EXISTS ${qualified(former)}`)
}

function renameSql(renamings: readonly Renaming[]): string {
  const steps = renamings.flatMap(({ beside, name, former }) => [
    ...(former ? [`${qualified(name)} TO ${qualified(former)}`] : []),
    `${qualified(beside)} TO ${qualified(name)}`,
  ])
  return `RENAME TABLE ${steps.join(', ')}`
}

export async function dropBeside(session: Session, renamings: readonly Pick<Renaming, 'beside'>[]): Promise<void> {
  for (const { beside } of renamings) await session.execute(`DROP TABLE IF EXISTS ${qualified(beside)}`)
}

/** What sessions that died left beside a table. */
export async function leftovers(session: Session, name: RelationName): Promise<readonly RelationName[]> {
  const pattern = `\\_syncline\\_${shortHash(name)}\\_%`
  const rows = await session.rows(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(name.database)} AND TABLE_NAME LIKE ${literal(pattern)}`,
  )
  return rows.map(([table]) => ({ database: name.database, name: table ?? '' }))
}

export async function exists(session: Session, { database, name }: RelationName): Promise<boolean> {
  const sql = `SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)}`
  return (await session.rows(sql)).length > 0
}
