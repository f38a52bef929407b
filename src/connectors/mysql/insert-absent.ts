import { RunError } from '../../core/errors.ts'
import { isInexact, otherwiseSpelled } from './key-spelling.ts'
import { insertInto } from './merge.ts'
import type { Session } from './session.ts'
import type { Target } from './target.ts'
import { type Cell, createTemporary } from './temporary.ts'

export interface Inserts {
  readonly layout: readonly Cell[]
  readonly keyed: readonly Cell[]
  /** SQL that is true where a row of the target has the key of one of `x`. */
  readonly match: string
  /** In SQL. */
  readonly temporary: string
  /** SQL that is true for the rows of `x` that are meant. */
  readonly part: string
}

/** What becomes of a row of `x`. */
export const marks = { waiting: 0, present: 1, inserted: 2, shared: 3 } as const

/**
 * Inserts the rows whose key nobody has, as the target compares keys; the others are marked. Where another session is faster, or
 * the target takes two of the keys as one, that shows as a refusal, and it is looked again.
 * @returns how many were inserted.
 */
export async function insertAbsent(session: Session, target: Target, inserts: Inserts): Promise<number> {
  const { layout, keyed, temporary, part } = inserts
  const waiting = `x.matched = ${marks.waiting} AND ${part}`
  const insert = `${insertInto(target, layout)} FROM ${temporary} AS x WHERE ${waiting}`
  let marked = keyed.length === 0 ? 0 : await markPresent(session, target, inserts)
  for (;;) {
    await session.execute('SAVEPOINT inserts')
    try {
      const { affected } = await session.execute(insert)
      await session.execute(`UPDATE ${temporary} AS x SET x.matched = ${marks.inserted} WHERE ${waiting}`)
      return affected
    } catch (error) {
      if (!(error instanceof RunError) || error.code !== 'NOT_UNIQUE' || keyed.length === 0) throw error
      await session.execute('ROLLBACK TO SAVEPOINT inserts')
      await markShared(session, inserts)
      const now = await markPresent(session, target, inserts)
      if (now === marked) throw error
      marked = now
    }
  }
}

/** @returns how many rows are marked now. */
async function markPresent(session: Session, { sql }: Target, { match, keyed, temporary, part }: Inserts): Promise<number> {
  const join = `UPDATE ${temporary} AS x JOIN ${sql} AS t ON ${match}`
  await session.execute(`${join} SET x.matched = ${marks.present} WHERE x.matched = ${marks.waiting} AND ${part}`)
  const differs = otherwiseSpelled(keyed)
  if (differs !== undefined)
    await session.execute(`${join} SET x.matched = ${marks.shared} WHERE x.matched = ${marks.present} AND ${part} AND ${differs}`)
  const [[count] = []] = await session.rows(`SELECT count(*) FROM ${temporary} WHERE matched IN (${marks.present}, ${marks.shared})`)
  return Number(count ?? 0)
}

/** Marks all rows whose keys differ and are one to the target, where its collations ignore more than the stage knows of. */
export async function markAlike(session: Session, inserts: Pick<Inserts, 'keyed' | 'temporary'>): Promise<void> {
  if (inserts.keyed.some(({ column }) => isInexact(column))) await markShared(session, inserts)
}

/** Rows whose keys differ and are one to the target: by case, accents or trailing spaces. */
async function markShared(session: Session, { keyed, temporary }: Pick<Inserts, 'keyed' | 'temporary'>): Promise<void> {
  const names = keyed.map(({ alias }) => alias)
  const shared = await createTemporary(session, 'shared', keyed, { cells: keyed, unique: false })
  await session.execute(
    `INSERT INTO ${shared} (${names.join(', ')}) SELECT ${names.join(', ')} FROM ${temporary} AS x GROUP BY ${names.join(', ')} HAVING count(*) > 1`,
  )
  const match = names.map((name) => `s.${name} = x.${name}`).join(' AND ')
  await session.execute(
    `UPDATE ${temporary} AS x JOIN ${shared} AS s ON ${match} SET x.matched = ${marks.shared} WHERE x.matched = ${marks.waiting}`,
  )
}
