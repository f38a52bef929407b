import { type Row, randomRow } from './content.ts'
import { Random } from './random.ts'

/** A way to sync one table, and what must become of the target. */
export interface Course {
  readonly name: string
  /** The sync in YAML, but for its ends' names. */
  readonly from: string
  readonly mode: string
  /** Whether the tables have a primary key. */
  readonly keyed: boolean
  /** What the source may have done to rows that are there. */
  readonly updates: boolean
  readonly deletes: boolean
  /** Rows of the target's own, which no run may touch. */
  readonly own: readonly Row[]
  /** Rows of a range that is committed by itself. */
  readonly resume?: number
}

const table = 'a#t'
const rising = '{ connection: a, object: t, cursor: id }'
const adds = { mode: 'append', updates: false, deletes: false, own: [] }

/** Every mode; `append` with and without a cursor, with and without a key. */
export const courses: readonly Course[] = [
  { name: 'replace', from: table, mode: 'replace', keyed: true, updates: true, deletes: true, own: [] },
  { name: 'mirror', from: table, mode: 'mirror', keyed: true, updates: true, deletes: true, own: [] },
  { name: 'upsert', from: table, mode: 'upsert', keyed: true, updates: true, deletes: false, own: ownRows() },
  { name: 'append', from: rising, keyed: true, ...adds },
  { name: 'append without a key', from: rising, keyed: false, ...adds },
  { name: 'append without a cursor', from: table, keyed: true, ...adds },
]

function ownRows(): readonly Row[] {
  const random = new Random('own rows')
  return Array.from({ length: 40 }, (_, index) => randomRow(random, 1_000_000 + index))
}
