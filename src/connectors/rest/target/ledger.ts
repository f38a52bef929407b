import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { RunError } from '../../../core/errors.ts'
import { ledgerSchema } from './ledger-schema.ts'

/** A row's key as one text; rows without one are known by their cells, and by which of equal ones they are. */
export type LedgerKey = string

export type Texts = Readonly<Record<string, string | null>>

/** A row as it was last sent with success. */
export interface SentRow {
  readonly key: LedgerKey
  readonly cells: Texts
  /** The API's own id. */
  readonly id?: string
  /** Whether it came into being by this sync: no other is ever deleted. */
  readonly created: boolean
}

/** A request that went out and was not answered, with the rows in it. */
export interface OpenRequest {
  readonly number: number
  readonly method: string
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Whether it carries an idempotency key, so that it may be sent again as it is. */
  readonly repeatable: boolean
}

/** A column of the rows that were sent; `json` where its cells are documents. */
export interface LedgerColumn {
  readonly name: string
  readonly json: boolean
}

/**
 * What one sync has sent to one resource, written as the answers come: rows with what they were last sent as, inserts that went
 * out and were not answered, how often inserts of a key were answered. It outlives the process that is killed at any moment; an
 * insert that nothing could repeat is on disk before it is sent. It holds data: mode 0600.
 */
export class Ledger implements Disposable {
  readonly path: string
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** Opens it, or makes a new one. */
  static open(path: string): Ledger {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // What SQLite puts beside it has the same mode.
    closeSync(openSync(path, 'a', 0o600))
    const database = openFile(path)
    database.exec(ledgerSchema)
    return new Ledger(path, database)
  }

  /** For looking at it alone; `undefined` where nothing was sent yet. */
  static look(path: string): Ledger | undefined {
    return existsSync(path) ? new Ledger(path, openFile(path)) : undefined
  }

  private constructor(path: string, database: DatabaseSync) {
    this.path = path
    this.#database = database
  }

  columns(): readonly LedgerColumn[] {
    const [row] = this.#all("SELECT value FROM facts WHERE name = 'columns'")
    return row ? (JSON.parse(String(row.value)) as readonly LedgerColumn[]) : []
  }

  /** Columns that were not sent before join the others. */
  addColumns(columns: readonly LedgerColumn[]): void {
    const known = this.columns()
    const all = [
      ...known.map((one) => columns.find(({ name }) => name === one.name) ?? one),
      ...columns.filter(({ name }) => !known.some((one) => one.name === name)),
    ]
    this.#run("INSERT OR REPLACE INTO facts VALUES ('columns', ?)", JSON.stringify(all))
  }

  count(): number {
    return Number(this.#all('SELECT count(*) AS n FROM rows')[0]?.n ?? 0)
  }

  /** Every row, some at a time. */
  *rows(): Generator<readonly SentRow[]> {
    let after = ''
    for (;;) {
      const found = this.#all('SELECT * FROM rows WHERE key > ? ORDER BY key LIMIT 2000', after).map(sentRow)
      if (found.length === 0) return
      yield found
      after = found.at(-1)?.key ?? ''
    }
  }

  row(key: LedgerKey): SentRow | undefined {
    const [row] = this.#all('SELECT * FROM rows WHERE key = ?', key)
    return row && sentRow(row)
  }

  /** How often an insert of that key was answered: it tells one insert of it from the next. */
  answered(key: LedgerKey): number {
    return Number(this.#all('SELECT count FROM answered WHERE key = ?', key)[0]?.count ?? 0)
  }

  /**
   * Which of equal rows without a key comes next, from 1: those of this session are counted, and where `onTop` those that were
   * sent before it.
   */
  nextOf(cells: string, onTop: boolean): number {
    this.#database.exec('CREATE TEMP TABLE IF NOT EXISTS seen (cells TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT')
    const before = onTop ? `(SELECT count(*) FROM rows WHERE key >= ?1 || '#' AND key < ?1 || '$')` : '0'
    const [row] = this.#all(
      `INSERT INTO seen VALUES (?1, 1 + ${before}) ON CONFLICT (cells) DO UPDATE SET count = count + 1 RETURNING count`,
      cells,
    )
    return Number(row?.count)
  }

  /** Notes an insert that is about to be sent. What cannot be repeated is on disk when this returns. */
  expect(request: Omit<OpenRequest, 'number'>, rows: readonly Pick<SentRow, 'key' | 'cells'>[]): number {
    return this.#atOnce(!request.repeatable, () => {
      const { lastInsertRowid } = this.#run('INSERT INTO requests (request) VALUES (?)', JSON.stringify(request))
      for (const { key, cells } of rows)
        this.#run('INSERT OR REPLACE INTO waiting VALUES (?, ?, ?)', key, lastInsertRowid, JSON.stringify(cells))
      return Number(lastInsertRowid)
    })
  }

  /** Notes what became of the rows of an insert: those done are kept as sent, those left out wait on. */
  settle(done: readonly SentRow[], refused: readonly LedgerKey[] = []): void {
    this.#atOnce(false, () => {
      for (const row of done) this.#keep(row)
      for (const key of [...done.map((row) => row.key), ...refused]) {
        this.#run('DELETE FROM waiting WHERE key = ?', key)
        this.#run('INSERT INTO answered VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET count = count + 1', key)
      }
      this.#run('DELETE FROM requests WHERE number NOT IN (SELECT request FROM waiting)')
    })
  }

  /** Notes an update. */
  keep(row: SentRow): void {
    this.#keep(row)
  }

  forget(key: LedgerKey): void {
    this.#run('DELETE FROM rows WHERE key = ?', key)
  }

  /** The API's own id of a row, as it was just read; forgotten when this is closed. */
  addId(key: LedgerKey, id: string): void {
    this.#database.exec('CREATE TEMP TABLE IF NOT EXISTS ids (key TEXT PRIMARY KEY, id TEXT NOT NULL) STRICT')
    this.#run('INSERT OR REPLACE INTO ids VALUES (?, ?)', key, id)
  }

  idOf(key: LedgerKey): string | undefined {
    const [row] = this.#all('SELECT id FROM ids WHERE key = ?', key)
    return row?.id === undefined || row.id === '' ? undefined : String(row.id)
  }

  /** Requests that were never answered, oldest first. */
  open(): readonly OpenRequest[] {
    return this.#all('SELECT * FROM requests ORDER BY number').map((row) => ({
      ...(JSON.parse(String(row.request)) as Omit<OpenRequest, 'number'>),
      number: Number(row.number),
    }))
  }

  /** Rows of a request of which nobody knows what became. */
  waiting(request: number): readonly Pick<SentRow, 'key' | 'cells'>[] {
    return this.#all('SELECT key, cells FROM waiting WHERE request = ? ORDER BY rowid', request).map((row) => ({
      key: String(row.key),
      cells: JSON.parse(String(row.cells)) as Texts,
    }))
  }

  isWaiting(key: LedgerKey): boolean {
    return this.#all('SELECT 1 AS one FROM waiting WHERE key = ?', key).length > 0
  }

  /** Rows that were not sent after all. */
  release(keys: readonly LedgerKey[]): void {
    this.#atOnce(false, () => {
      for (const key of keys) this.#run('DELETE FROM waiting WHERE key = ?', key)
      this.#run('DELETE FROM requests WHERE number NOT IN (SELECT request FROM waiting)')
    })
  }

  /** Nobody asks any more what became of a request. */
  abandon(request: number): void {
    this.#atOnce(false, () => {
      this.#run('DELETE FROM waiting WHERE request = ?', request)
      this.#run('DELETE FROM requests WHERE number = ?', request)
    })
  }

  /** Rows without a key that no later run compares: they were only remembered until all of them were sent. */
  dropUnkeyed(): void {
    this.#run("DELETE FROM rows WHERE key NOT LIKE '[%'")
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close()
  }

  #keep({ key, cells, id, created }: SentRow): void {
    this.#run('INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)', key, JSON.stringify(cells), id ?? null, created ? 1 : 0)
  }

  /** @param durable whether it has to outlive a power cut as well as a kill. */
  #atOnce<Result>(durable: boolean, action: () => Result): Result {
    this.#database.exec(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}; BEGIN IMMEDIATE`)
    try {
      const result = action()
      this.#database.exec('COMMIT')
      return result
    } catch (thrown) {
      this.#database.exec('ROLLBACK')
      throw thrown
    }
  }

  #all(sql: string, ...values: readonly (string | number)[]): readonly Readonly<Record<string, unknown>>[] {
    return this.#prepared(sql).all(...values)
  }

  #run(sql: string, ...values: readonly (string | number | bigint | null)[]) {
    return this.#prepared(sql).run(...values)
  }

  /** Each of these few statements is prepared once. */
  #prepared(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

function openFile(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { timeout: 10_000 })
    database.exec('PRAGMA journal_mode = WAL')
    return database
  } catch (cause) {
    throw new RunError({
      code: 'LEDGER_UNREADABLE',
      message: `what was sent before cannot be read: ${path} is no database, or cannot be opened`,
      hint: 'put the file back from a copy; without it nothing is ever deleted and every row is sent again',
      cause,
    })
  }
}

function sentRow(row: Readonly<Record<string, unknown>>): SentRow {
  return {
    key: String(row.key),
    cells: JSON.parse(String(row.cells)) as Texts,
    ...(row.id === null ? {} : { id: String(row.id) }),
    created: row.created === 1,
  }
}
