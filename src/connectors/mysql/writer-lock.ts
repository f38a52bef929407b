import { setTimeout } from 'node:timers/promises'
import type { Connections } from './connections.ts'
import { qualified, type RelationName } from './names.ts'
import type { Session } from './session.ts'

/** How long a rename may take to queue up before the table is let go, in steps of a few milliseconds. */
const mostSteps = 400
const stepMilliseconds = 5

/**
 * Keeps everyone from writing to a table while another one is loaded in its place; readers go on. A session that holds a table
 * lock may touch nothing else, so this is one of its own.
 */
export class WriterLock implements AsyncDisposable {
  readonly #session: Session
  #held = true

  private constructor(session: Session) {
    this.#session = session
  }

  static async take(connections: Connections, name: RelationName): Promise<WriterLock> {
    const session = await connections.open()
    try {
      await session.execute(`LOCK TABLES ${qualified(name)} READ`)
      return new WriterLock(session)
    } catch (error) {
      await session[Symbol.asyncDispose]()
      throw error
    }
  }

  /**
   * Lets the table go once a rename waits for it. The server serves a waiting rename before the writers that wait (MySQL manual,
   * "Metadata Locking"), so that none writes to the table that goes.
   */
  async handOver(connectionId: number): Promise<void> {
    const state = `SELECT STATE FROM information_schema.PROCESSLIST WHERE ID = ${connectionId}`
    for (let step = 0; step < mostSteps; step++) {
      const [[now] = []] = await this.#session.rows(state)
      if (now !== null && now !== undefined && /metadata lock/i.test(now)) break
      await setTimeout(stepMilliseconds)
    }
    await this.#release()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release().catch(() => {})
    await this.#session[Symbol.asyncDispose]()
  }

  async #release(): Promise<void> {
    if (!this.#held) return
    this.#held = false
    await this.#session.execute('UNLOCK TABLES')
  }
}
