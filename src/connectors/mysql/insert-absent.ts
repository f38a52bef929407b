import { RunError } from '../../core/errors.ts'
import { insertInto } from './merge.ts'
import type { Session } from './session.ts'
import type { Target } from './target.ts'
import type { Cell } from './temporary.ts'

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
export const marks = { waiting: 0, present: 1, inserted: 2 } as const

/**
 * Inserts the rows whose key nobody has, as the target compares keys; the others are marked. Where another session is faster,
 * that shows as a refusal, and it is looked again.
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
      const now = await markPresent(session, target, inserts)
      if (now === marked) throw error
      marked = now
    }
  }
}

/** @returns how many rows are marked now. */
async function markPresent(session: Session, { sql }: Target, { match, temporary, part }: Inserts): Promise<number> {
  const waiting = `x.matched = ${marks.waiting} AND ${part}`
  await session.execute(`UPDATE ${temporary} AS x JOIN ${sql} AS t ON ${match} SET x.matched = ${marks.present} WHERE ${waiting}`)
  const [[count] = []] = await session.rows(`SELECT count(*) FROM ${temporary} WHERE matched = ${marks.present}`)
  return Number(count ?? 0)
}
