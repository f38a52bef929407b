import { RunError } from '../../core/errors.ts'
import type { Column, Table, TableRef } from '../../core/table.ts'
import type { CommitProof, Connector, Context, Endpoint, Snapshot, Traits, WriteSession } from '../connector.ts'
import { matchesPattern } from '../sql/pattern.ts'
import { canonicalize } from './canonicalize.ts'
import { commitOutcome } from './commits.ts'
import { Connections } from './connections.ts'
import { findDependents } from './dependents.ts'
import { objectName } from './names.ts'
import { parseOptions, type SqlServerOptions } from './options.ts'
import { queryRelation } from './query.ts'
import { findRelation, listRelations, toTable } from './relation.ts'
import type { Isolation, Server } from './server.ts'
import type { Session } from './session.ts'
import { SqlServerSnapshot } from './snapshot.ts'
import { adopt } from './types.ts'
import { SqlServerWriteSession } from './write-session.ts'

/** SQL Server 2016 and later, and Azure SQL. */
export const sqlserver: Connector<SqlServerOptions> = {
  name: 'sqlserver',
  parseOptions,
  open: async (options, context) => await openEndpoint(options, context),
}

async function openEndpoint(options: SqlServerOptions, context: Context): Promise<Endpoint> {
  const connections = await Connections.create(options, context)
  return new SqlServerEndpoint(connections, await connections.open(), options, context.connection)
}

class SqlServerEndpoint implements Endpoint {
  readonly traits: Traits
  readonly summary: string
  readonly adopt = adopt
  readonly reader = { snapshot: async () => await this.#snapshot() }
  readonly writer = {
    accepts: ['batches'] as const,
    appliesChanges: true,
    begin: async () => await this.#begin(),
    outcome: async (proof: CommitProof) => await commitOutcome(this.#catalog, proof),
  }
  readonly #connections: Connections
  /** For the catalog, between transactions. */
  readonly #catalog: Session
  readonly #schema: string
  readonly #options: SqlServerOptions
  readonly #connection: string
  #judge: Promise<Session> | undefined

  constructor(connections: Connections, catalog: Session, options: SqlServerOptions, connection: string) {
    this.#connections = connections
    this.#catalog = catalog
    this.#options = options
    this.#connection = connection
    this.#schema = options.schema ?? catalog.server.schema
    this.traits = traitsOf(catalog.server.isolation)
    this.summary = summaryOf(catalog.server, this.#schema)
  }

  async listTables(pattern?: string): Promise<readonly TableRef[]> {
    const all = await listRelations(this.#catalog, this.#schema)
    return all
      .filter(({ name, full }) => matchesPattern(name, pattern) || matchesPattern(full, pattern))
      .map(({ name }) => ({ name }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async describe(ref: TableRef): Promise<Table | undefined> {
    const relation = await findRelation(this.#catalog, objectName(ref, this.#schema))
    if (!relation) return undefined
    return { ...toTable(relation, ref), dependents: await findDependents(this.#catalog, relation.id) }
  }

  async describeQuery(query: string): Promise<Table> {
    return toTable(await queryRelation(this.#catalog, query), { name: '' })
  }

  async canonicalize(column: Column, texts: readonly string[]): Promise<readonly (string | null)[]> {
    this.#judge ??= this.#connections.open()
    return await canonicalize(await this.#judge, column, texts)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections[Symbol.asyncDispose]()
  }

  async #snapshot(): Promise<Snapshot> {
    const session = await this.#connections.open()
    const close = async () => await session[Symbol.asyncDispose]()
    try {
      for (const statement of readingSql(session.server.isolation)) await session.execute(statement)
      return new SqlServerSnapshot(session, { defaultSchema: this.#schema, close })
    } catch (error) {
      await close()
      throw error
    }
  }

  async #begin(): Promise<WriteSession> {
    const session = await this.#connections.open()
    if (session.server.readOnly) {
      await session[Symbol.asyncDispose]()
      throw new RunError({
        code: 'TARGET_READ_ONLY',
        message: `${this.#connection} is read only: the database is, or this is a readable secondary`,
        hint: 'connect to the primary replica, or make the database writable',
      })
    }
    await session.execute('BEGIN TRANSACTION')
    return new SqlServerWriteSession(session, { defaultSchema: this.#schema, lockTimeoutSeconds: this.#options.lockTimeoutSeconds })
  }
}

/** Without versions of rows, each statement locks what it reads while it reads, which is the least that shows no row twice and misses none. */
export function readingSql(isolation: Isolation): readonly string[] {
  switch (isolation) {
    case 'snapshot':
      return ['SET TRANSACTION ISOLATION LEVEL SNAPSHOT', 'BEGIN TRANSACTION']
    case 'statement':
      return ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED']
    case 'locks':
      return ['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE']
  }
}

function traitsOf(isolation: Isolation): Traits {
  return {
    atomicity: 'session',
    consistentReads: isolation === 'snapshot',
    parallelReads: 1,
    readsDuringWrite: isolation !== 'locks',
    judgesRows: true,
  }
}

const reads: Readonly<Record<Isolation, string>> = {
  snapshot: 'snapshot isolation',
  statement: 'snapshot isolation is off, each statement shows one moment',
  locks: 'snapshot isolation is off, a read keeps writers waiting',
}

function summaryOf({ version, edition, database, readOnly, isolation }: Server, schema: string): string {
  return `SQL Server ${version}${edition === '' ? '' : ` ${edition}`}, database ${database}, schema ${schema}, ${reads[isolation]}, ${readOnly ? 'read only' : 'read and write'}`
}
