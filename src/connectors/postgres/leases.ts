import { RetryableError, RunError } from '../../core/errors.ts'
import type { Connections } from './connections.ts'
import type { Session } from './session.ts'
import { literal } from './sql.ts'

/** A session for one piece of work; disposing gives it back. */
export interface Lease extends AsyncDisposable {
  readonly session: Session
}

/** Sessions that all see the same rows. */
export interface Leases extends AsyncDisposable {
  /** How many streams can be read side by side. */
  readonly parallel: number
  take(): Promise<Lease>
}

/** One session for one reader after the other; the second waits for the first. Disposing leaves it as it is: it belongs to the writer. */
export function singleLease(session: Session): Leases {
  const nothing = async () => {}
  return { parallel: 1, take: async () => ({ session, [Symbol.asyncDispose]: nothing }), [Symbol.asyncDispose]: nothing }
}

/** Opens read-only transactions that share one exported snapshot, each used by one reader at a time. */
export async function snapshotLeases(connections: Connections): Promise<Leases> {
  const first = await connections.open()
  try {
    const snapshot = await begin(first)
    if (snapshot !== undefined) return new SnapshotLeases(connections, first, snapshot)
    return { ...singleLease(first), [Symbol.asyncDispose]: async () => await first[Symbol.asyncDispose]() }
  } catch (error) {
    await first[Symbol.asyncDispose]()
    throw error
  }
}

const beginReading = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

/** @returns the snapshot's id, or `undefined` where the server exports none. */
async function begin(session: Session): Promise<string | undefined> {
  await session.execute(beginReading)
  try {
    const [row] = await session.rows<{ id: string }>('SELECT pg_catalog.pg_export_snapshot() AS id')
    return row?.id
  } catch (error) {
    if (error instanceof RetryableError || !(error instanceof RunError)) throw error
    await session.execute('ROLLBACK')
    await session.execute(beginReading)
    // The snapshot is taken by the first statement, which shall not wait for the first read.
    await session.execute('SELECT 1')
    return undefined
  }
}

class SnapshotLeases implements Leases {
  readonly parallel = 2
  readonly #connections: Connections
  readonly #snapshot: string
  /** Those that are being opened, too: whoever disposes waits for them. */
  readonly #all: Promise<Session>[]
  readonly #idle: Session[]

  /** @param first the session that exported the snapshot, which holds as long as its transaction. */
  constructor(connections: Connections, first: Session, snapshot: string) {
    this.#connections = connections
    this.#snapshot = snapshot
    this.#all = [Promise.resolve(first)]
    this.#idle = [first]
  }

  async take(): Promise<Lease> {
    const session = this.#idle.pop() ?? (await this.#another())
    return {
      session,
      [Symbol.asyncDispose]: async () => {
        this.#idle.push(session)
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await Promise.allSettled(this.#all)
    await Promise.all(opened.map(async (one) => one.status === 'fulfilled' && (await one.value[Symbol.asyncDispose]())))
  }

  async #another(): Promise<Session> {
    const opening = this.#connections.open()
    this.#all.push(opening)
    const session = await opening
    await session.execute(beginReading)
    await session.execute(`SET TRANSACTION SNAPSHOT ${literal(this.#snapshot)}`)
    return session
  }
}
