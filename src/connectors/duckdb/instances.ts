import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBInstance } from '@duckdb/node-api'
import { openDuckDB } from '../../duckdb/open.ts'
import { translate } from './errors.ts'

/** A database file that is open in this process, held by one or many endpoints: DuckDB opens a file once a process. */
export interface SharedDatabase extends AsyncDisposable {
  readonly instance: DuckDBInstance
  /** To be called when something was committed: a file that holds nothing but an abandoned session is removed. */
  keep(): void
}

interface Opened {
  readonly instance: Promise<DuckDBInstance>
  readonly spill: Promise<string>
  readonly created: boolean
  users: number
  kept: boolean
}

const opened = new Map<string, Opened>()

/** The most memory one database takes. */
const memoryLimit = '1GB'

/**
 * Opens a database, or joins those who have it open. Disposing leaves it; the last to leave closes it.
 * @throws RetryableError where another process has it open.
 */
export async function shareDatabase(path: string, readOnly: boolean): Promise<SharedDatabase> {
  const entry = opened.get(path) ?? enter(path, readOnly)
  entry.users++
  let left = false
  const leave = async () => {
    if (left) return
    left = true
    await release(path, entry)
  }
  try {
    const instance = await entry.instance
    const keep = () => {
      entry.kept = true
    }
    return { instance, keep, [Symbol.asyncDispose]: leave }
  } catch (thrown) {
    await leave()
    throw translate(thrown, path)
  }
}

function enter(path: string, readOnly: boolean): Opened {
  const spill = mkdtemp(join(tmpdir(), 'syncline-duckdb-'))
  const instance = spill.then((temporaryDirectory) => openDuckDB(path, { temporaryDirectory, memoryLimit, readOnly }))
  const entry: Opened = { instance, spill, created: !existsSync(path), users: 0, kept: false }
  opened.set(path, entry)
  return entry
}

async function release(path: string, entry: Opened): Promise<void> {
  entry.users--
  if (entry.users > 0) return
  opened.delete(path)
  const instance = await entry.instance.catch(() => undefined)
  instance?.closeSync()
  await rm(await entry.spill, { recursive: true, force: true })
  if (!instance || !entry.created || entry.kept) return
  for (const file of [path, `${path}.wal`]) rmSync(file, { force: true })
}
