import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Checksum, Digests, Pushdown, ReadRequest, Snapshot } from '../connector.ts'
import { PostgresDigests } from './digests.ts'
import type { Leases } from './leases.ts'
import { relationName } from './names.ts'
import { findRelation, queryRelation, type Relation } from './relation.ts'
import { requestedColumns } from './requested-columns.ts'
import { ownForms, ownRowHash } from './row-hash.ts'
import { type BlockRange, inBlocks, nativeExpressions, selectSql, textExpressions } from './select.ts'
import type { Session } from './session.ts'

/** One view of the database, over all its tables. */
export class PostgresSnapshot implements Snapshot {
  readonly pushdown: ReadonlySet<Pushdown> = new Set(['columns', 'where', 'cursor', 'keys', 'buckets', 'limit', 'query'])
  readonly digests: Digests = new PostgresDigests({
    relation: async ({ source }) => await this.#relation(source),
    using: async (work) => await this.#using(work),
    rows: (select, columns) => ({ columns, csv: () => [this.#copy(select, 'csv', { rows: 0 })] }),
  })
  readonly #leases: Leases
  readonly #defaultSchema: string
  readonly #relations = new Map<string, Promise<Relation>>()

  constructor(leases: Leases, defaultSchema: string) {
    this.#leases = leases
    this.#defaultSchema = defaultSchema
  }

  async read(request: ReadRequest): Promise<Rows> {
    const relation = await this.#relation(request.source)
    const columns = requestedColumns(relation, request.columns)
    const texts = textExpressions(columns)
    let sent = { rows: 0 }
    const csv = (range: BlockRange | undefined, tally: Tally) =>
      this.#copy(selectSql(relation, request, texts, range && inBlocks(range)), 'csv', tally)
    const rows: Rows = {
      columns: columns.map(({ column }) => column),
      csv: (parts) => {
        const tally = { rows: 0 }
        sent = tally
        return this.#ranges(relation, request, parts).map((range) => csv(range, tally))
      },
      given: () => sent.rows,
    }
    if (!columns.every(({ type }) => type.portable)) return rows
    const native = selectSql(relation, request, nativeExpressions(columns))
    return {
      ...rows,
      pgcopy: () => {
        sent = { rows: 0 }
        return this.#copy(native, 'binary', sent)
      },
    }
  }

  async count(request: ReadRequest): Promise<number> {
    const relation = await this.#relation(request.source)
    const sql = `SELECT count(*)::float8 AS count FROM (${selectSql(relation, request, ['1'])}) AS counted`
    const [row] = await this.#using(async (session) => await session.rows<{ count: number }>(sql))
    return row?.count ?? 0
  }

  async checksum(request: ReadRequest): Promise<Checksum> {
    const relation = await this.#relation(request.source)
    const columns = requestedColumns(relation, request.columns)
    return await this.#using(async (session) => {
      const [form = ''] = ownForms(session.server, columns)
      const hashed = selectSql(relation, request, [`${ownRowHash(columns, form)} AS hash`])
      const [row] = await session.rows<{ rows: number; value: string }>(
        `SELECT count(*)::float8 AS rows, coalesce(sum(hash), 0)::text AS value FROM (${hashed}) AS hashed`,
      )
      return { form, rows: row?.rows ?? 0, value: row?.value ?? '0' }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leases[Symbol.asyncDispose]()
  }

  /** Looked up once a view: reads by key ask again and again. */
  async #relation(source: ReadRequest['source']): Promise<Relation> {
    const key = JSON.stringify(source)
    const known = this.#relations.get(key) ?? this.#using(async (session) => await this.#describe(session, source))
    this.#relations.set(key, known)
    return await known
  }

  async #describe(session: Session, source: ReadRequest['source']): Promise<Relation> {
    if ('query' in source) return await queryRelation(session, source.query)
    const found = await findRelation(session, relationName(source.table, this.#defaultSchema))
    if (found) return found
    throw new RunError({
      code: 'TABLE_NOT_FOUND',
      message: `\`${source.table.name}\` does not exist`,
      hint: 'was it dropped or renamed meanwhile? Look: syncline discover',
    })
  }

  async #using<T>(work: (session: Session) => Promise<T>): Promise<T> {
    await using lease = await this.#leases.take()
    return await work(lease.session)
  }

  async *#copy(select: string, format: 'csv' | 'binary', tally: Tally): AsyncGenerator<Uint8Array> {
    await using lease = await this.#leases.take()
    yield* lease.session.copyOut(`COPY (${select}) TO STDOUT (FORMAT ${format})`, (rows) => {
      tally.rows += rows
    })
  }

  /** Even parts of a big table on disk; of everything else, and where an index may help, one part. */
  #ranges({ blocks }: Relation, { where, cursor, keys, buckets, limit }: ReadRequest, wanted: number): readonly (BlockRange | undefined)[] {
    const parts = Math.min(wanted, this.#leases.parallel)
    if (parts < 2 || blocks < worthSplitting || where !== undefined || cursor || keys || buckets || limit !== undefined) return [undefined]
    const size = Math.ceil(blocks / parts)
    return Array.from({ length: parts }, (_, part) => ({ from: part * size, ...(part < parts - 1 ? { to: (part + 1) * size } : {}) }))
  }
}

/** Rows that the server says it sent, over all streams of one read. */
interface Tally {
  rows: number
}

/** Blocks, 32 MiB: below that another connection costs more than it saves. */
const worthSplitting = 4096
