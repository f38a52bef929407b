import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, Table, TableRef } from '../../core/table.ts'
import type { CommitProof, Connector, Context, Endpoint, Snapshot, Traits, WriteSession } from '../connector.ts'
import { asTexts } from './as-texts.ts'
import { dropBeside, openBeside } from './beside.ts'
import { Judge } from './canonicalize.ts'
import { commitOutcome } from './commit-proof.ts'
import { Connections } from './connections.ts'
import { findDependents } from './dependents.ts'
import { dropKept } from './former.ts'
import { snapshotLeases } from './leases.ts'
import { listTables } from './list-tables.ts'
import { relationName } from './names.ts'
import { type PostgresOptions, parseOptions } from './options.ts'
import { findReferences } from './references.ts'
import { findRelation, queryRelation, toTable } from './relation.ts'
import type { Session } from './session.ts'
import { PostgresSnapshot } from './snapshot.ts'
import { adopt } from './types.ts'
import { PostgresWriteSession } from './write-session.ts'

/** PostgreSQL 14 and later. */
export const postgres: Connector<PostgresOptions> = {
  name: 'postgres',
  parseOptions,
  open: async (options, context) => await openEndpoint(options, context),
}

const traits: Traits = { atomicity: 'session', consistentReads: true, parallelReads: 2, readsDuringWrite: true, judgesRows: true }

async function openEndpoint(options: PostgresOptions, context: Context): Promise<Endpoint> {
  const connections = await Connections.create(options, context)
  const catalog = await connections.open('qualified')
  return new PostgresEndpoint(connections, catalog, options.schema, context.connection)
}

class PostgresEndpoint implements Endpoint {
  readonly traits = traits
  readonly summary: string
  readonly reader = { snapshot: async () => await this.#snapshot() }
  readonly writer = {
    accepts: ['pgcopy', 'csv'] as const,
    appliesChanges: true,
    begin: async () => await this.#begin(),
    outcome: async (proof: CommitProof) => await commitOutcome(this.#catalog, proof),
    dropKept: async (table: TableRef, stem: string, staying: ReadonlySet<string>) =>
      await dropKept(this.#connections, relationName(table, this.#schema), stem, staying),
    beside: {
      open: async (table: Table) => await openBeside(this.#connections, relationName(table.ref, this.#schema), table),
      drop: async (table: TableRef) => await dropBeside(this.#connections, this.#catalog, relationName(table, this.#schema)),
    },
    asTexts: async (table: TableRef, rows: Rows) => await asTexts(this.#connections, relationName(table, this.#schema), rows),
  }
  readonly #connections: Connections
  /** For the catalog alone: nothing is on its search path. */
  readonly #catalog: Session
  readonly #schema: string
  readonly #connection: string
  #judge: Promise<Judge> | undefined

  constructor(connections: Connections, catalog: Session, schema: string, connection: string) {
    this.#connections = connections
    this.#catalog = catalog
    this.#schema = schema
    this.#connection = connection
    const { version, readOnly } = catalog.server
    this.summary = `PostgreSQL ${version}, schema ${schema}, ${readOnly ? 'read only' : 'read and write'}`
  }

  async listTables(pattern?: string): Promise<readonly TableRef[]> {
    return await listTables(this.#catalog, this.#schema, pattern)
  }

  async describe(ref: TableRef): Promise<Table | undefined> {
    const relation = await findRelation(this.#catalog, relationName(ref, this.#schema))
    if (!relation) return undefined
    return {
      ...toTable(relation, ref),
      dependents: await findDependents(this.#catalog, relation.oid),
      references: await findReferences(this.#catalog, relation.oid),
    }
  }

  async describeQuery(query: string): Promise<Table> {
    await using session = await this.#connections.open()
    return toTable(await queryRelation(session, query), { name: '' })
  }

  adopt(column: Column): Column {
    return adopt(column)
  }

  async canonicalize(column: Column, texts: readonly string[]): Promise<readonly (string | null)[]> {
    return await (await this.#judging()).canonicalize(column, texts)
  }

  async keyForms(column: Column, texts: readonly string[]): Promise<readonly string[]> {
    return await (await this.#judging()).keyForms(column, texts)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections[Symbol.asyncDispose]()
  }

  async #judging(): Promise<Judge> {
    this.#judge ??= this.#connections.open().then((session) => new Judge(session))
    return await this.#judge
  }

  async #snapshot(): Promise<Snapshot> {
    return new PostgresSnapshot(await snapshotLeases(this.#connections), this.#schema)
  }

  async #begin(): Promise<WriteSession> {
    const session = await this.#connections.open()
    if (session.server.readOnly) {
      await session[Symbol.asyncDispose]()
      throw new RunError({
        code: 'TARGET_READ_ONLY',
        message: `${this.#connection} is read only: a standby, or default_transaction_read_only is on`,
        hint: 'connect to the primary server, with a user whose transactions may write',
      })
    }
    await session.execute('BEGIN')
    return new PostgresWriteSession(session, this.#schema)
  }
}
