import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Endpoint, Snapshot } from '../../src/connectors/connector.ts'
import { files } from '../../src/connectors/files/files.ts'
import type { Rows } from '../../src/core/rows.ts'
import type { Column, Table, TableRef } from '../../src/core/table.ts'
import { formatType, parseType, type Type } from '../../src/core/types.ts'
import { openDuckDB } from '../../src/duckdb/open.ts'
import { identifier } from '../../src/duckdb/sql.ts'
import { textExpression } from '../../src/duckdb/text.ts'

export type Cell = string | null

/** A real folder, opened as a connection, and an embedded engine that its relations land in. */
export interface Folder extends AsyncDisposable {
  readonly path: string
  readonly endpoint: Endpoint
  readonly warnings: readonly string[]
  file(name: string): string
  put(name: string, content: string | Uint8Array): Promise<void>
  table(ref: TableRef): Promise<Table>
  /** All rows as canonical text, by way of the relation. */
  read(ref: TableRef, options?: { readonly columns?: readonly string[]; readonly limit?: number }): Promise<readonly (readonly Cell[])[]>
  readFrom(snapshot: Snapshot, ref: TableRef): Promise<readonly (readonly Cell[])[]>
  land(rows: Rows): Promise<readonly (readonly Cell[])[]>
  /** The bytes of the `csv` form. */
  bytes(ref: TableRef): Promise<string>
}

export async function openFolder(options: { readonly missing?: boolean; readonly signal?: AbortSignal } = {}): Promise<Folder> {
  const root = await mkdtemp(path.join(tmpdir(), 'syncline-files-'))
  const folder = path.join(root, 'data')
  const temporaryDirectory = path.join(root, 'temporary')
  if (!options.missing) await mkdir(folder)
  await mkdir(temporaryDirectory)
  const warnings: string[] = []
  const endpoint = await files.open(
    { path: 'data' },
    {
      connection: 'desk',
      baseDirectory: root,
      temporaryDirectory,
      signal: options.signal ?? new AbortController().signal,
      logger: { debug: () => {}, warn: (message) => warnings.push(message) },
    },
  )
  const instance = await openDuckDB(':memory:', { temporaryDirectory, memoryLimit: '1GB', threads: 2 })
  const engine = await instance.connect()

  async function land(rows: Rows): Promise<readonly (readonly Cell[])[]> {
    if (!rows.relation) throw new Error('no relation')
    const { sql, cells, release } = await rows.relation()
    const list = rows.columns.map(({ name, type }) => (cells === 'text' ? identifier(name) : textExpression(identifier(name), type)))
    const result = await engine.runAndReadAll(`SELECT ${list.join(', ') || '1'} FROM ${sql}`)
    await release()
    return result.getRows().map((row) => row.map((cell) => (cell === null ? null : String(cell))))
  }

  async function readFrom(snapshot: Snapshot, ref: TableRef, more = {}): Promise<readonly (readonly Cell[])[]> {
    return await land(await snapshot.read({ source: { table: ref }, ...more }))
  }

  return {
    path: folder,
    endpoint,
    warnings,
    land,
    readFrom,
    file: (name) => path.join(folder, name),
    async put(name, content) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
      await writeFile(path.join(folder, name), content)
    },
    async table(ref) {
      const table = await endpoint.describe(ref)
      if (!table) throw new Error(`no ${ref.name}`)
      return table
    },
    async read(ref, more = {}) {
      await using snapshot = await openSnapshot(endpoint)
      return await readFrom(snapshot, ref, more)
    },
    async bytes(ref) {
      await using snapshot = await openSnapshot(endpoint)
      const rows = await snapshot.read({ source: { table: ref } })
      if (!rows.csv) throw new Error('no csv')
      const chunks: Uint8Array[] = []
      for (const stream of rows.csv(2)) for await (const chunk of stream) chunks.push(chunk)
      return Buffer.concat(chunks).toString('utf8')
    },
    async [Symbol.asyncDispose]() {
      await endpoint[Symbol.asyncDispose]()
      engine.closeSync()
      instance.closeSync()
      await rm(root, { recursive: true, force: true })
    },
  }
}

export async function openSnapshot({ reader }: Endpoint): Promise<Snapshot> {
  if (!reader) throw new Error('no reader')
  return await reader.snapshot()
}

/** Columns from `name: type` pairs. */
export function columnsOf(types: Readonly<Record<string, string>>): readonly Column[] {
  return Object.entries(types).map(([name, type]) => ({ name, type: parseType(type), nullable: true }))
}

export function tableOf(ref: TableRef, columns: readonly Column[]): Table {
  return { ref, kind: 'file', columns, key: [], uniques: [] }
}

/** Rows in the `csv` form, in chunks that break anywhere. */
export function rowsOf(columns: readonly Column[], records: readonly (readonly Cell[])[], chunkSize = 1 << 16): Rows {
  const bytes = Buffer.from(records.map((cells) => `${cells.map(field).join(',')}\n`).join(''))
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize)
  }
  return { columns, csv: () => [chunks()] }
}

export function shownTypes({ columns }: Table): Readonly<Record<string, string>> {
  return Object.fromEntries(columns.map(({ name, type, untyped }) => [name, untyped ? 'untyped' : formatType(type as Type)]))
}

/** Rows come in any order. */
export function sorted(rows: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

function field(cell: Cell): string {
  if (cell === null) return ''
  return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
