import { RunError } from '../../core/errors.ts'
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

/**
 * Inserts the rows whose key nobody has, as the target compares keys; the others are marked 1, and those that were inserted 2. Where another session is faster, or
 * the target takes two of the keys as one, that shows as a refusal, and it is looked again.
 * @returns how many were inserted.
 */
export async function insertAbsent(session: Session, target: Target, inserts: Inserts): Promise<number> {
  const { layout, keyed, temporary, part } = inserts
  const insert = `${insertInto(target, layout)} FROM ${temporary} AS x WHERE x.matched = 0 AND ${part}`
  let marked = keyed.length === 0 ? 0 : await markPresent(session, target, inserts)
  for (;;) {
    await session.execute('SAVEPOINT inserts')
    try {
      const { affected } = await session.execute(insert)
      await session.execute(`UPDATE ${temporary} AS x SET x.matched = 2 WHERE x.matched = 0 AND ${part}`)
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
async function markPresent(session: Session, { sql }: Target, { match, temporary, part }: Inserts): Promise<number> {
  await session.execute(`UPDATE ${temporary} AS x JOIN ${sql} AS t ON ${match} SET x.matched = 1 WHERE x.matched = 0 AND ${part}`)
  const [[count] = []] = await session.rows(`SELECT count(*) FROM ${temporary} WHERE matched = 1`)
  return Number(count ?? 0)
}

/** Rows whose keys differ and are one to the target: by case, accents or trailing spaces. */
async function markShared(session: Session, { keyed, temporary }: Inserts): Promise<void> {
  const names = keyed.map(({ alias }) => alias)
  const shared = await createTemporary(session, 'shared', keyed, { cells: keyed, unique: false })
  await session.execute(
    `INSERT INTO ${shared} (${names.join(', ')}) SELECT ${names.join(', ')} FROM ${temporary} AS x GROUP BY ${names.join(', ')} HAVING count(*) > 1`,
  )
  const match = names.map((name) => `s.${name} = x.${name}`).join(' AND ')
  await session.execute(`UPDATE ${temporary} AS x JOIN ${shared} AS s ON ${match} SET x.matched = 1 WHERE x.matched = 0`)
}
