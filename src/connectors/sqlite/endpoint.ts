import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Column, Table, TableRef } from '../../core/table.ts'
import type { CommitProof, Context, Endpoint, Reader, Traits, Writer } from '../connector.ts'
import { isCommitted } from './commits.ts'
import { openDatabase, openExisting, select, whenUnlocked } from './connection.ts'
import { describeTable, listTables } from './describe.ts'
import { dropKept } from './former.ts'
import type { SqliteOptions } from './options.ts'
import { queryColumns } from './request.ts'
import { beginSession } from './session.ts'
import { openSnapshot } from './snapshot.ts'
import { storedTexts } from './storage.ts'
import { adopt } from './types.ts'

/** Opens nothing for good: a file that is not there may be about to be created. */
export async function openEndpoint(options: SqliteOptions, context: Context): Promise<Endpoint> {
  const path = resolve(context.baseDirectory, options.path)
  if (!existsSync(path)) return new SqliteEndpoint(path, options, context, undefined)
  using database = openExisting(path)
  const facts = await whenUnlocked(
    path,
    context.signal,
    () => select(database, 'SELECT journal_mode, sqlite_version() FROM pragma_journal_mode, (SELECT count(*) FROM sqlite_schema)')[0],
  )
  return new SqliteEndpoint(path, options, context, { journal: String(facts?.[0]), version: String(facts?.[1]) })
}

interface FileFacts {
  /** `wal`, `delete` … */
  readonly journal: string
  readonly version: string
}

class SqliteEndpoint implements Endpoint {
  readonly adopt = adopt
  readonly traits: Traits
  readonly summary: string
  readonly reader: Reader
  readonly writer?: Writer
  readonly #path: string
  readonly #context: Context

  constructor(path: string, { readonly }: SqliteOptions, context: Context, facts: FileFacts | undefined) {
    this.#path = path
    this.#context = context
    // Without a write-ahead log a commit needs every reader to have ended.
    this.traits = {
      atomicity: 'session',
      consistentReads: true,
      parallelReads: 1,
      readsDuringWrite: facts?.journal === 'wal',
      judgesRows: true,
    }
    this.summary = `${facts ? `SQLite ${facts.version}, journal ${facts.journal}` : 'SQLite, created on the first write'}, ${readonly ? 'read' : 'read and write'}`
    this.reader = { snapshot: async () => await openSnapshot(path, context.signal) }
    if (!readonly) {
      this.writer = {
        accepts: ['batches'],
        appliesChanges: true,
        begin: async () => await beginSession(path, context.signal),
        outcome: async (proof) => await this.#outcome(proof),
        dropKept: async (_table, stem, staying) => await this.#dropKept(stem, staying),
      }
    }
  }

  async listTables(pattern?: string): Promise<readonly TableRef[]> {
    return existsSync(this.#path) ? await this.#look((database) => listTables(database, pattern)) : []
  }

  async describe(ref: TableRef): Promise<Table | undefined> {
    return existsSync(this.#path) ? await this.#look((database) => describeTable(database, ref)) : undefined
  }

  async describeQuery(query: string): Promise<Table> {
    const columns = await this.#look((database) => queryColumns(database, query))
    return { ref: { name: 'query' }, kind: 'query', columns, key: [], uniques: [] }
  }

  async canonicalize(column: Column, texts: readonly string[]): Promise<readonly (string | null)[]> {
    using database = openDatabase(':memory:')
    return storedTexts(database, column, texts)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #outcome(proof: CommitProof): Promise<'committed' | 'rolled back'> {
    if (!existsSync(this.#path)) return 'rolled back'
    return await this.#look((database) => (isCommitted(database, proof) ? 'committed' : 'rolled back'))
  }

  async #dropKept(stem: string, staying: ReadonlySet<string>): Promise<void> {
    if (existsSync(this.#path)) await this.#look((database) => dropKept(database, stem, staying))
  }

  /** Looks into the file for a moment. */
  async #look<Result>(action: (database: DatabaseSync) => Result): Promise<Result> {
    using database = openExisting(this.#path)
    return await whenUnlocked(this.#path, this.#context.signal, () => action(database))
  }
}
