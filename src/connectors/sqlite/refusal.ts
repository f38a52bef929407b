import type { Refusal } from '../sql/refusal.ts'
import { isRefusedRow } from './errors.ts'

/** Extended result codes, https://sqlite.org/rescode.html. */
const extended = { notNull: 1299, foreignKey: 787, primaryKey: 1555, rowid: 2579, trigger: 1811, unique: 2067, dataType: 3091 }

/** Why SQLite refused a row; `undefined` where what was thrown is no row's fault. */
export function refusalOf(thrown: unknown): Refusal | undefined {
  if (!(thrown instanceof Error) || !isRefusedRow(thrown)) return undefined
  const code = 'errcode' in thrown ? thrown.errcode : undefined
  const answer = thrown.message
  const column = /^(?:NOT NULL|UNIQUE) constraint failed: \S+\.([^.,\s]+)$|column \S+\.([^.\s]+)$/.exec(answer)?.slice(1).find(Boolean)
  const named = { ...(column === undefined ? {} : { column }), answer }
  switch (code) {
    case undefined:
      return { ...named, reason: 'value', detail: 'a value that SQLite cannot hold', dependsOnOthers: false }
    case extended.notNull:
      return { ...named, reason: 'not null', detail: answer, dependsOnOthers: false }
    case extended.dataType:
      return { ...named, reason: 'value', detail: answer, dependsOnOthers: false }
    case extended.foreignKey:
      return { ...named, reason: 'constraint', detail: 'a row refers to one that is not there, or is referred to', dependsOnOthers: true }
    case extended.trigger:
      return { ...named, reason: 'constraint', detail: 'a trigger raised an error of its own', dependsOnOthers: true }
    default: {
      const dependsOnOthers = code === extended.unique || code === extended.primaryKey || code === extended.rowid
      return { ...named, reason: 'constraint', detail: answer, dependsOnOthers }
    }
  }
}
