import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChangeSet } from '../../core/changes.ts'
import { silentLogger } from '../../core/logger.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, Table } from '../../core/table.ts'
import type { Endpoint, ReadRequest, WriteSession } from '../connector.ts'
import { duckdb } from './duckdb.ts'
import { shareDatabase } from './instances.ts'

type Cells = readonly (string | null)[]

interface Changes {
  readonly key?: readonly string[]
  readonly inserts?: readonly Cells[]
  readonly updates?: readonly Cells[]
  readonly deletes?: readonly Cells[]
}

/** One database file in a folder of its own, open through the connector; for tests. */
export class TestFile implements AsyncDisposable {
  readonly directory: string
  readonly path: string
  readonly endpoint: Endpoint

  private constructor(directory: string, endpoint: Endpoint) {
    this.directory = directory
    this.path = join(directory, 'test.duckdb')
    this.endpoint = endpoint
  }

  static async open(...statements: readonly string[]): Promise<TestFile> {
    const directory = await mkdtemp(join(tmpdir(), 'syncline-duckdb-test-'))
    if (statements.length > 0) await inDatabase(join(directory, 'test.duckdb'), statements)
    return new TestFile(directory, await openIn(directory, 'test.duckdb'))
  }

  async table(name: string): Promise<Table> {
    const table = await this.endpoint.describe({ name })
    if (!table) throw new Error(`no table ${name}`)
    return table
  }

  /** What a query of text columns finds. */
  async texts(query: string): Promise<readonly Cells[]> {
    return await inDatabase(this.path, [query])
  }

  /** What a read gives, by its text form. */
  async read(request: ReadRequest): Promise<readonly Cells[]> {
    await using view = await this.endpoint.reader?.snapshot()
    const rows = await view?.read(request)
    const parts: Uint8Array[] = []
    for await (const part of rows?.csv?.(1)[0] ?? []) parts.push(part)
    const lines = Buffer.concat(parts).toString().split('\n').slice(0, -1)
    return lines.map((line) => [line === '' ? null : line.slice(1, -1).replaceAll('""', '"')])
  }

  async write<Result>(action: (session: WriteSession) => Promise<Result>): Promise<Result> {
    await using session = await this.endpoint.writer?.begin()
    if (!session) throw new Error('read-only')
    const result = await action(session)
    await session.commit()
    return result
  }

  async apply(table: Table, { key = ['id'], inserts = [], updates = [], deletes = [] }: Changes) {
    const before = table.columns.map((column) => ({ ...column, name: `before:${column.name}` }))
    const changes: ChangeSet = {
      key,
      inserts: rowsOf(table.columns, inserts),
      updates: rowsOf([...table.columns, ...before], updates),
      deletes: rowsOf(table.columns, deletes),
    }
    return await this.write(async (session) => await session.apply?.(table, changes))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endpoint[Symbol.asyncDispose]()
    await rm(this.directory, { recursive: true, force: true })
  }
}

export async function openIn(directory: string, path: string): Promise<Endpoint> {
  const signal = new AbortController().signal
  return await duckdb.open(
    { path, readonly: false },
    { connection: 'tested', baseDirectory: directory, temporaryDirectory: directory, signal, logger: silentLogger },
  )
}

async function inDatabase(path: string, statements: readonly string[]): Promise<readonly Cells[]> {
  await using database = await shareDatabase(path, false)
  database.keep()
  const connection = await database.instance.connect()
  let rows: readonly Cells[] = []
  for (const statement of statements) rows = (await (await connection.run(statement)).getRowsJS()) as readonly Cells[]
  connection.disconnectSync()
  return rows
}

/** Rows of canonical texts, as CSV. */
export function rowsOf(columns: readonly Column[], rows: readonly Cells[]): Rows & { readonly count: number } {
  const line = (row: Cells) => row.map((cell) => (cell === null ? '' : `"${cell.replaceAll('"', '""')}"`)).join(',')
  return {
    columns,
    count: rows.length,
    csv: () => [
      (async function* () {
        yield Buffer.from(rows.map((row) => `${line(row)}\n`).join(''))
      })(),
    ],
  }
}
