import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Session } from './session.ts'

/**
 * Sessions that write, noted on disk for as long as they are open. The server finishes the statement of a client that died,
 * however long that takes, and holds its locks until then; what a dead process left is therefore ended by the next one. One run
 * of a sync at a time uses the directory, so whatever is noted there by others belongs to nobody any more.
 */
export class Writers {
  readonly #directory: string
  readonly #own = new Set<number>()

  constructor(directory: string) {
    this.#directory = join(directory, 'writers')
  }

  /** Ends the sessions that another process left, and notes these. */
  async begin(sessions: readonly Session[]): Promise<void> {
    const [first] = sessions
    if (!first) return
    const started = await serverStart(first)
    await this.#endLeft(first, started)
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    for (const { server } of sessions) {
      this.#own.add(server.connectionId)
      await writeFile(this.#file(server.connectionId), String(started), { mode: 0o600 })
    }
  }

  async end(sessions: readonly Session[]): Promise<void> {
    for (const { server } of sessions) {
      await rm(this.#file(server.connectionId), { force: true })
      this.#own.delete(server.connectionId)
    }
  }

  /** A server gives no number twice before it is started again; one that has been started since has ended them all. */
  async #endLeft(session: Session, started: number): Promise<void> {
    for (const name of await readdir(this.#directory).catch(() => [])) {
      const id = Number(name)
      if (!Number.isSafeInteger(id) || this.#own.has(id)) continue
      const noted = Number(await readFile(this.#file(id), 'utf8'))
      // It may be gone by itself, or belong to a user that this one may not end.
      if (Math.abs(noted - started) <= precision) await session.execute(`KILL CONNECTION ${id}`).catch(() => {})
      await rm(this.#file(id), { force: true })
    }
  }

  #file(id: number): string {
    return join(this.#directory, String(id))
  }
}

/** Seconds by which the same start may seem to differ: the server counts whole ones. */
const precision = 1

/** When the server was started, in seconds since 1970 by its own clock. */
async function serverStart(session: Session): Promise<number> {
  const [[now] = []] = await session.rows('SELECT UNIX_TIMESTAMP()')
  const [[, uptime] = []] = await session.rows("SHOW GLOBAL STATUS LIKE 'Uptime'")
  return Math.floor(Number(now) - Number(uptime))
}
