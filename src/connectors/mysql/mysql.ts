import { RunError } from '../../core/errors.ts'
import type { Column, Table, TableRef } from '../../core/table.ts'
import type { CommitProof, Connector, Context, Endpoint, Snapshot, Traits, WriteSession } from '../connector.ts'
import { dropBeside, openBeside } from './beside.ts'
import { Judge } from './canonicalize.ts'
import { commitOutcome } from './commits.ts'
import { Connections } from './connections.ts'
import { findDependents, findReferences } from './dependents.ts'
import { Doubts } from './doubts.ts'
import { dropKept } from './former.ts'
import { listTables } from './list-tables.ts'
import { type RelationName, relationName } from './names.ts'
import { type MysqlOptions, parseOptions } from './options.ts'
import { findRelation, queryRelation, toTable } from './relation.ts'
import type { Session } from './session.ts'
import { MysqlSnapshot } from './snapshot.ts'
import { adopt } from './types.ts'
import { MysqlWriteSession } from './write-session.ts'

/** MySQL 8.0 and MariaDB 10.6, and later. */
export const mysql: Connector<MysqlOptions> = {
  name: 'mysql',
  parseOptions,
  open: async (options, context) => await openEndpoint(options, context),
}

/** No two sessions can share a snapshot, so a table is read by one stream. */
const traits: Traits = { atomicity: 'session', consistentReads: true, parallelReads: 1, readsDuringWrite: true, judgesRows: true }

async function openEndpoint(options: MysqlOptions, context: Context): Promise<Endpoint> {
  const connections = await Connections.create(options, context)
  const catalog = await connections.open()
  return new MysqlEndpoint({ connections, catalog, options, connection: context.connection })
}

interface EndpointParts {
  readonly connections: Connections
  readonly catalog: Session
  readonly options: MysqlOptions
  readonly connection: string
}

class MysqlEndpoint implements Endpoint {
  readonly traits = traits
  readonly summary: string
  readonly reader = { snapshot: async () => await this.#snapshot() }
  readonly writer = {
    accepts: ['csv'] as const,
    appliesChanges: true,
    begin: async () => await this.#begin(),
    outcome: async (proof: CommitProof) => await commitOutcome(this.#parts.catalog, proof),
    dropKept: async (table: TableRef, stem: string, staying: ReadonlySet<string>) =>
      await dropKept(this.#parts.connections, this.#nameOf(table), stem, staying),
    beside: {
      open: async (table: Table) => await openBeside(this.#parts.connections, this.#parts.options, this.#nameOf(table.ref), table),
      drop: async (table: TableRef) => await dropBeside(this.#parts.connections, this.#parts.catalog, this.#nameOf(table)),
    },
  }
  readonly #parts: EndpointParts
  readonly #doubts = new Doubts()
  #judge: Promise<Judge> | undefined

  constructor(parts: EndpointParts) {
    this.#parts = parts
    const { flavor, version, readOnly } = parts.catalog.server
    const { database } = parts.options
    const where = database === undefined ? 'no database' : `database ${database}`
    this.summary = `${flavor === 'mariadb' ? 'MariaDB' : 'MySQL'} ${version}, ${where}, ${readOnly ? 'read only' : 'read and write'}`
  }

  async listTables(pattern?: string): Promise<readonly TableRef[]> {
    return await listTables(this.#parts.catalog, this.#parts.options.database, pattern)
  }

  async describe(ref: TableRef): Promise<Table | undefined> {
    const { catalog, options } = this.#parts
    const relation = await findRelation(catalog, relationName(ref, options.database), options)
    if (!relation) return undefined
    if (relation.kind === 'view') return toTable(relation, ref)
    return {
      ...toTable(relation, ref),
      dependents: await findDependents(catalog, relation),
      references: await findReferences(catalog, relation.name),
    }
  }

  async describeQuery(query: string): Promise<Table> {
    const { catalog, options } = this.#parts
    return toTable(await queryRelation(catalog, query, options), { name: '' })
  }

  adopt(column: Column): Column {
    return adopt(column, this.#parts.catalog.server)
  }

  async canonicalize(column: Column, texts: readonly string[]): Promise<readonly (string | null)[]> {
    return await (await this.#judging()).canonicalize(column, texts)
  }

  async keyForms(column: Column, texts: readonly string[]): Promise<readonly string[]> {
    return await (await this.#judging()).keyForms(column, texts)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.connections[Symbol.asyncDispose]()
  }

  #nameOf(table: TableRef): RelationName {
    return relationName(table, this.#parts.options.database)
  }

  async #judging(): Promise<Judge> {
    this.#judge ??= this.#parts.connections.open().then((session) => new Judge(session))
    return await this.#judge
  }

  async #snapshot(): Promise<Snapshot> {
    const { connections, options } = this.#parts
    const session = await connections.open()
    try {
      await session.execute('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
      await session.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
    } catch (error) {
      await session[Symbol.asyncDispose]()
      throw error
    }
    const close = async () => await session[Symbol.asyncDispose]()
    return new MysqlSnapshot({ session, database: options.database, options, doubts: this.#doubts, close })
  }

  async #begin(): Promise<WriteSession> {
    const { connections, catalog, options, connection } = this.#parts
    if (catalog.server.readOnly) {
      throw new RunError({
        code: 'TARGET_READ_ONLY',
        message: `${connection} is read only: a replica, or read_only is on`,
        hint: 'connect to the primary server, with a user that may write',
      })
    }
    return await MysqlWriteSession.open(connections, options)
  }
}
