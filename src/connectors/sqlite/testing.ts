import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { silentLogger } from '../../core/logger.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, Table } from '../../core/table.ts'
import type { Value } from '../../core/value.ts'
import type { Context, Endpoint, ReadRequest, WriteSession } from '../connector.ts'
import { sqlite } from './sqlite.ts'

/** One database file in a folder of its own, open through the connector; for tests. */
export class TestFile implements AsyncDisposable {
  readonly directory: string
  readonly path: string
  readonly endpoint: Endpoint

  private constructor(directory: string, endpoint: Endpoint) {
    this.directory = directory
    this.path = join(directory, 'test.db')
    this.endpoint = endpoint
  }

  /** The statements are run first, past the connector; without any there is no file. */
  static async open(...statements: readonly string[]): Promise<TestFile> {
    const directory = await mkdtemp(join(tmpdir(), 'syncline-sqlite-'))
    if (statements.length > 0) executeIn(join(directory, 'test.db'), statements)
    return new TestFile(directory, await sqlite.open({ path: 'test.db', readonly: false }, contextOf(directory)))
  }

  execute(...statements: readonly string[]): void {
    executeIn(this.path, statements)
  }

  all(query: string): readonly (readonly unknown[])[] {
    using database = new DatabaseSync(this.path)
    const statement = database.prepare(query)
    statement.setReturnArrays(true)
    return statement.all() as unknown as unknown[][]
  }

  async table(name: string): Promise<Table> {
    const table = await this.endpoint.describe({ name })
    if (!table) throw new Error(`no table ${name}`)
    return table
  }

  async read(request: ReadRequest): Promise<{ readonly columns: readonly Column[]; readonly rows: readonly (readonly Value[])[] }> {
    await using view = await this.endpoint.reader?.snapshot()
    const rows = await view?.read(request)
    const found: Value[][] = []
    for await (const batch of rows?.batches?.() ?? []) {
      for (let index = 0; index < batch.rows; index++) found.push(batch.cells.map((cells) => cells[index] ?? null))
    }
    return { columns: rows?.columns ?? [], rows: found }
  }

  /** The text form of a read, whole. */
  async csv(request: ReadRequest): Promise<string> {
    await using view = await this.endpoint.reader?.snapshot()
    const [stream] = (await view?.read(request))?.csv?.(1) ?? []
    const parts: Uint8Array[] = []
    for await (const part of stream ?? []) parts.push(part)
    return Buffer.concat(parts).toString()
  }

  async write<Result>(action: (session: WriteSession) => Promise<Result>): Promise<Result> {
    await using session = await this.endpoint.writer?.begin()
    if (!session) throw new Error('read-only')
    const result = await action(session)
    await session.commit()
    return result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endpoint[Symbol.asyncDispose]()
    await rm(this.directory, { recursive: true, force: true })
  }
}

export function contextOf(directory: string): Context {
  return {
    connection: 'tested',
    baseDirectory: directory,
    temporaryDirectory: directory,
    signal: new AbortController().signal,
    logger: silentLogger,
  }
}

/** Rows of these columns, in one batch. */
export function rowsOf(columns: readonly Column[], rows: readonly (readonly Value[])[]): Rows & { readonly count: number } {
  return {
    columns,
    count: rows.length,
    async *batches() {
      if (rows.length > 0) yield { rows: rows.length, cells: columns.map((_, index) => rows.map((row) => row[index] ?? null)) }
    },
  }
}

function executeIn(path: string, statements: readonly string[]): void {
  using database = new DatabaseSync(path)
  for (const statement of statements) database.exec(statement)
}
