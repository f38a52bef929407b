import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Column, Table, TableRef } from '../../core/table.ts'
import type { CommitProof, Context, Endpoint, Reader, Traits, Writer } from '../connector.ts'
import { isCommitted } from './commits.ts'
import { describeTable, listTables, queryColumns } from './describe.ts'
import { dropKept } from './former.ts'
import { type SharedDatabase, shareDatabase } from './instances.ts'
import { tableName } from './names.ts'
import type { DuckdbOptions } from './options.ts'
import { DuckdbSession } from './session.ts'
import { DuckdbSnapshot, MissingSnapshot } from './snapshot.ts'
import { storedTexts } from './storage.ts'
import { adopt } from './types.ts'
import { Work } from './work.ts'

/** A file that exists is opened at once, and stays open until the endpoint is disposed; another is created by the first write. */
export async function openEndpoint(options: DuckdbOptions, context: Context): Promise<Endpoint> {
  const path = physicalPath(resolve(context.baseDirectory, options.path))
  const endpoint = new DuckdbEndpoint(path, options, context)
  if (existsSync(path)) await endpoint.database()
  return endpoint
}

/** The same for every way to one file, which this process opens only once. */
function physicalPath(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  return existsSync(dirname(path)) ? join(realpathSync(dirname(path)), basename(path)) : path
}

class DuckdbEndpoint implements Endpoint {
  readonly adopt = adopt
  readonly traits: Traits = { atomicity: 'session', consistentReads: true, parallelReads: 1, readsDuringWrite: true, judgesRows: true }
  readonly summary: string
  readonly reader: Reader
  readonly writer?: Writer
  readonly #path: string
  readonly #context: Context
  readonly #readonly: boolean
  #database: Promise<SharedDatabase> | undefined

  constructor(path: string, { readonly }: DuckdbOptions, context: Context) {
    this.#path = path
    this.#context = context
    this.#readonly = readonly
    this.summary = `DuckDB${existsSync(path) ? '' : ', created on the first write'}, ${readonly ? 'read' : 'read and write'}`
    this.reader = { snapshot: async () => await this.#snapshot() }
    if (!readonly) {
      this.writer = {
        accepts: ['file', 'csv'],
        appliesChanges: true,
        begin: async () => await this.#begin(),
        outcome: async (proof) => await this.#outcome(proof),
        dropKept: async (table, stem, staying) => await this.#dropKept(table, stem, staying),
      }
    }
  }

  async database(): Promise<SharedDatabase> {
    this.#database ??= shareDatabase(this.#path, this.#readonly)
    try {
      return await this.#database
    } catch (thrown) {
      this.#database = undefined
      throw thrown
    }
  }

  async listTables(pattern?: string): Promise<readonly TableRef[]> {
    return this.#exists() ? await this.#look((work) => listTables(work, pattern)) : []
  }

  async describe(ref: TableRef): Promise<Table | undefined> {
    return this.#exists() ? await this.#look((work) => describeTable(work, ref)) : undefined
  }

  async describeQuery(query: string): Promise<Table> {
    const columns = await this.#look((work) => queryColumns(work, query))
    return { ref: { name: 'query' }, kind: 'query', columns, key: [], uniques: [] }
  }

  async canonicalize(column: Column, texts: readonly string[]): Promise<readonly (string | null)[]> {
    return await this.#look((work) => storedTexts(work, column, texts))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const database = this.#database
    this.#database = undefined
    await (await database)?.[Symbol.asyncDispose]()
  }

  #exists(): boolean {
    return this.#database !== undefined || existsSync(this.#path)
  }

  async #work(): Promise<Work> {
    return await Work.begin((await this.database()).instance, this.#path, this.#context.signal)
  }

  async #snapshot(): Promise<DuckdbSnapshot | MissingSnapshot> {
    if (!this.#exists()) return new MissingSnapshot(this.#path)
    const work = await this.#work()
    return new DuckdbSnapshot(work, this.#context.temporaryDirectory, async () => await work.end())
  }

  async #begin(): Promise<DuckdbSession> {
    const { keep } = await this.database()
    return new DuckdbSession(await this.#work(), this.#context.temporaryDirectory, keep)
  }

  async #outcome(proof: CommitProof): Promise<'committed' | 'rolled back'> {
    if (!this.#exists()) return 'rolled back'
    return await this.#look(async (work) => ((await isCommitted(work, proof)) ? 'committed' : 'rolled back'))
  }

  async #dropKept(table: TableRef, stem: string, staying: ReadonlySet<string>): Promise<void> {
    if (!this.#exists()) return
    const work = await this.#work()
    try {
      await dropKept(work, tableName(table), stem, staying)
      await work.commit()
    } finally {
      await work.end()
    }
  }

  /** Looks into the database for a moment. */
  async #look<Result>(action: (work: Work) => Promise<Result>): Promise<Result> {
    const work = await this.#work()
    try {
      return await action(work)
    } finally {
      await work.end()
    }
  }
}
