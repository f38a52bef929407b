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
import { findReferences } from './references.ts'
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
  await using first = await connections.open()
  return new SqlServerEndpoint(connections, first.server, options, context.connection)
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
    outcome: async (proof: CommitProof) => await this.#using((session) => commitOutcome(session, proof)),
  }
  readonly #connections: Connections
  readonly #schema: string
  readonly #options: SqlServerOptions
  readonly #connection: string

  constructor(connections: Connections, server: Server, options: SqlServerOptions, connection: string) {
    this.#connections = connections
    this.#options = options
    this.#connection = connection
    this.#schema = options.schema ?? server.schema
    this.traits = traitsOf(server.isolation)
    this.summary = summaryOf(server, this.#schema)
  }

  async listTables(pattern?: string): Promise<readonly TableRef[]> {
    const all = await this.#using((session) => listRelations(session, this.#schema))
    return all
      .filter(({ name, full }) => matchesPattern(name, pattern) || matchesPattern(full, pattern))
      .map(({ name }) => ({ name }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async describe(ref: TableRef): Promise<Table | undefined> {
    return await this.#using(async (session) => {
      const relation = await findRelation(session, objectName(ref, this.#schema))
      if (!relation) return undefined
      return {
        ...toTable(relation, ref),
        dependents: await findDependents(session, relation.id),
        references: await findReferences(session, relation.id),
      }
    })
  }

  async describeQuery(query: string): Promise<Table> {
    return toTable(await this.#using((session) => queryRelation(session, query)), { name: '' })
  }

  async canonicalize(column: Column, texts: readonly string[]): Promise<readonly (string | null)[]> {
    return await this.#using((session) => canonicalize(session, column, texts))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections[Symbol.asyncDispose]()
  }

  async #using<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    await using session = await this.#connections.open()
    return await work(session)
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
