import { existsSync, statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Digests, Pushdown, ReadRequest, Snapshot } from '../connector.ts'
import { fileNotFound, openExisting, select, whenUnlocked } from './connection.ts'
import { SqliteDigests } from './digests.ts'
import { translate } from './errors.ts'
import { selectionOf } from './request.ts'
import { type RowsSource, rowsOf } from './rows.ts'

const pushdown: ReadonlySet<Pushdown> = new Set(['columns', 'where', 'cursor', 'keys', 'buckets', 'limit', 'query'])

/** A read transaction on a connection of its own: one moment, until it is disposed. A missing file fails each read. */
export async function openSnapshot(path: string, signal: AbortSignal): Promise<Snapshot> {
  if (!existsSync(path)) return new MissingSnapshot(path)
  const database = openExisting(path)
  try {
    await whenUnlocked(path, signal, () => beginRead(database))
    refuseCut(database, path)
    return new SqliteSnapshot({ database, path, signal }, () => database.close())
  } catch (thrown) {
    database.close()
    throw thrown
  }
}

/** What a write session sees of its own. Lives as long as the session. */
export function sessionSnapshot(source: RowsSource): Snapshot {
  return new SqliteSnapshot(source, () => {})
}

class MissingSnapshot implements Snapshot {
  readonly pushdown = pushdown
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async read({ source }: ReadRequest): Promise<Rows> {
    throw fileNotFound(this.#path, 'query' in source ? 'the query' : `\`${source.table.name}\``)
  }

  async count({ source }: ReadRequest): Promise<number> {
    throw fileNotFound(this.#path, 'query' in source ? 'the query' : `\`${source.table.name}\``)
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A transaction begins to read with its first statement. */
function beginRead(database: DatabaseSync): void {
  if (!database.isTransaction) database.exec('BEGIN')
  select(database, 'SELECT 1 FROM sqlite_schema LIMIT 1')
}

/**
 * Of a file that is cut short, SQLite reads what is missing of its last page as zeros, without a word. Pages that are still in a
 * write-ahead log may be missing in the file.
 * @throws RunError (`CORRUPT_DATABASE`)
 */
function refuseCut(database: DatabaseSync, path: string): void {
  if (existsSync(`${path}-wal`)) return
  const pages = Number(select(database, 'PRAGMA page_count')[0]?.[0]) * Number(select(database, 'PRAGMA page_size')[0]?.[0])
  const { size } = statSync(path)
  if (size >= pages) return
  throw new RunError({
    code: 'CORRUPT_DATABASE',
    message: `${path} is cut short: it holds ${size} bytes, and its pages take ${pages}`,
    hint: 'copy it again, as a whole',
  })
}

class SqliteSnapshot implements Snapshot {
  readonly pushdown = pushdown
  readonly digests: Digests
  readonly #source: RowsSource
  readonly #close: () => void
  #open = true

  constructor(source: RowsSource, close: () => void) {
    this.digests = new SqliteDigests(source)
    this.#source = source
    this.#close = close
  }

  async read(request: ReadRequest): Promise<Rows> {
    return this.#try(() => rowsOf(this.#source, selectionOf(this.#source.database, request)))
  }

  async count(request: ReadRequest): Promise<number> {
    return this.#try(() => {
      const { from, bound } = selectionOf(this.#source.database, request)
      const [row] = select(this.#source.database, `SELECT count(*) FROM (SELECT 1 FROM ${from})`, ...bound)
      return Number(row?.[0])
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#close()
  }

  #try<Result>(action: () => Result): Result {
    try {
      return action()
    } catch (thrown) {
      throw translate(thrown, this.#source.path)
    }
  }
}
