import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context, Endpoint, Replaced, WriteSession } from '../../src/connectors/connector.ts'
import type { Applied } from '../../src/core/changes.ts'
import { silentLogger } from '../../src/core/logger.ts'
import type { RowsForm } from '../../src/core/rows.ts'
import type { Column, Table, TableRef } from '../../src/core/table.ts'
import { parseType } from '../../src/core/types.ts'
import type { Edge } from './edges.ts'
import { type Cells, Exchange, only, sorted } from './exchange.ts'

/** A system with nothing in it yet; what one endpoint commits, endpoints opened later see. */
export interface System extends AsyncDisposable {
  open(context: Context): Promise<Endpoint>
  /** How the system names an object: `name` itself, or a file of that name. */
  ref(name: string): TableRef
  /** Runs a statement past the connector, where the system has statements. */
  execute?(statement: string): Promise<void>
}

/** A column in short: name, canonical type name, and whether it may be NULL (by default it may, unless it is in the key). */
export type ColumnSketch = readonly [name: string, type: string, nullable?: boolean]

export interface Changes {
  readonly inserts?: readonly Cells[]
  /** Each row as it shall be and as it was. */
  readonly updates?: readonly (readonly [after: Cells, before: Cells])[]
  readonly deletes?: readonly Cells[]
}

/** One system under test, with an endpoint open and the means to write and read it in texts. */
export class Place implements AsyncDisposable {
  readonly endpoint: Endpoint
  readonly exchange: Exchange
  readonly system: System
  /** So many rows that they travel in many pieces. */
  readonly many: number
  /** The values that the system holds, by type. */
  readonly edges: readonly Edge[]
  readonly #directories: readonly [data: string, work: string]
  readonly #opened: AsyncDisposableStack

  private constructor(
    parts: Pick<Place, 'endpoint' | 'exchange' | 'system' | 'edges' | 'many'>,
    directories: readonly [data: string, work: string],
    opened: AsyncDisposableStack,
  ) {
    this.endpoint = parts.endpoint
    this.exchange = parts.exchange
    this.system = parts.system
    this.edges = parts.edges
    this.many = parts.many
    this.#directories = directories
    this.#opened = opened
  }

  static async open(prepare: (directory: string) => Promise<System>, edges: readonly Edge[], many: number): Promise<Place> {
    await using opening = new AsyncDisposableStack()
    const directory = await mkdtemp(join(tmpdir(), 'syncline-contract-'))
    opening.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))
    const [data, work] = [join(directory, 'data'), join(directory, 'work')]
    for (const folder of [data, work]) await mkdir(folder)
    const system = opening.use(await prepare(data))
    const exchange = opening.use(await Exchange.open(work))
    const endpoint = opening.use(await system.open(contextOf(data, work)))
    return new Place({ endpoint, exchange, system, edges, many }, [data, work], opening.move())
  }

  /** A second endpoint of the same system. */
  async another(signal?: AbortSignal): Promise<Endpoint> {
    return await this.system.open(contextOf(...this.#directories, signal))
  }

  /** A table as a run would ask for it: its columns as the endpoint adopts them. */
  table(name: string, columns: readonly ColumnSketch[], key: readonly string[] = []): Table {
    return {
      ref: this.system.ref(name),
      kind: 'table',
      columns: columns.map((sketch) => this.#column(sketch, key, this.system.ref(name))),
      key,
      uniques: key.length === 0 ? [] : [key],
    }
  }

  #column([name, type, nullable]: ColumnSketch, key: readonly string[], ref: TableRef): Column {
    return this.endpoint.adopt({ name, type: parseType(type), nullable: nullable ?? !key.includes(name) }, ref)
  }

  async begin(endpoint: Endpoint = this.endpoint): Promise<WriteSession> {
    return await given(endpoint.writer, 'a writer').begin()
  }

  /** Creates and loads a table in one committed session. */
  async fill(table: Table, cells: readonly Cells[], form?: RowsForm): Promise<number> {
    await using session = await this.begin()
    await session.ensureTable(table)
    const rows = await this.append(session, table, cells, form)
    await session.commit()
    return rows
  }

  async append(session: WriteSession, table: Table, cells: readonly Cells[], form?: RowsForm): Promise<number> {
    const rows = await this.exchange.rows(table.columns, cells)
    return await session.append(table, form === undefined ? rows : only(rows, form))
  }

  async replace(session: WriteSession, table: Table, cells: readonly Cells[], form?: RowsForm): Promise<Replaced> {
    const rows = await this.exchange.rows(table.columns, cells)
    return await session.replace(table, form === undefined ? rows : only(rows, form))
  }

  async apply(session: WriteSession, table: Table, { inserts = [], updates = [], deletes = [] }: Changes): Promise<Applied> {
    const before = table.columns.map((column) => ({ ...column, name: `before:${column.name}` }))
    const set = {
      key: table.key,
      inserts: await this.exchange.rows(table.columns, inserts),
      updates: await this.exchange.rows(
        [...table.columns, ...before],
        updates.map(([now, then]) => [...now, ...then]),
      ),
      deletes: await this.exchange.rows(table.columns, deletes),
    }
    return await given(session.apply?.(table, set), 'apply')
  }

  /** Every row of a table that others can see, as texts, in the order of {@link sorted}. */
  async read(table: Table, form?: RowsForm): Promise<readonly Cells[]> {
    await using view = await given(this.endpoint.reader, 'a reader').snapshot()
    return await this.exchange.texts(await view.read({ source: { table: table.ref } }), form)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync()
  }
}

/** What a case needs and a connector lacks is said among its limits; here it is an error. */
export function given<Part>(part: Part | undefined, name: string): Part {
  if (part === undefined) throw new Error(`the endpoint has no ${name}: name it among its limits and say why`)
  return part
}

export { sorted }

function contextOf(data: string, work: string, signal: AbortSignal = new AbortController().signal): Context {
  return { connection: 'tested', baseDirectory: data, temporaryDirectory: work, signal, logger: silentLogger }
}
