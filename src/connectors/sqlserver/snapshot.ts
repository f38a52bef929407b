import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Checksum, Digests, Pushdown, ReadRequest, Snapshot } from '../connector.ts'
import { batchesOf } from './batches.ts'
import { bucketExpression } from './buckets.ts'
import { checksumSql } from './checksum.ts'
import { SqlServerDigests } from './digests.ts'
import { KeyTables, loadNumbers } from './key-tables.ts'
import { objectName } from './names.ts'
import { queryRelation } from './query.ts'
import { cellReading } from './reading-cells.ts'
import { findRelation, type Relation } from './relation.ts'
import { findColumn, isRowversion, type Narrowing, requestedColumns, selectSql } from './select.ts'
import type { Session } from './session.ts'
import { identifier } from './sql.ts'

interface SnapshotOptions {
  readonly defaultSchema: string
  /** What ends the view. */
  readonly close: () => Promise<void>
}

const pushedDown = ['columns', 'where', 'cursor', 'settled', 'keys', 'limit', 'query'] as const

/** One view of the database; how far it shows one moment, the endpoint's traits say. One stream at a time: the next one waits. */
export class SqlServerSnapshot implements Snapshot {
  readonly pushdown: ReadonlySet<Pushdown>
  readonly digests?: Digests
  readonly noDigests?: string
  readonly #session: Session
  readonly #options: SnapshotOptions
  readonly #relations = new Map<string, Promise<Relation>>()
  readonly #keyTables: KeyTables
  #active: Promise<string> | undefined

  constructor(session: Session, options: SnapshotOptions) {
    this.#session = session
    this.#options = options
    this.#keyTables = new KeyTables(session)
    const { utf8 } = session.server
    this.pushdown = new Set([...pushedDown, ...(utf8 === undefined ? [] : (['buckets'] as const))])
    if (utf8 === undefined) this.noDigests = 'before SQL Server 2019 texts cannot be hashed as UTF-8'
    else this.digests = new SqlServerDigests(this.#digestSource(), utf8)
  }

  async read(request: ReadRequest): Promise<Rows> {
    const relation = await this.#relation(request.source)
    const columns = requestedColumns(relation, request.columns)
    const readings = columns.map(({ type }) => cellReading(type))
    const expressions = columns.map(({ column }, index) => `${readings[index]?.expression(`t.${identifier(column.name)}`)} AS c${index}`)
    let given = 0
    return {
      columns: columns.map(({ column }) => column),
      batches: () => {
        given = 0
        return batchesOf(this.#stream(relation, request, expressions), readings, (rows) => {
          given += rows
        })
      },
      given: () => given,
    }
  }

  async count(request: ReadRequest): Promise<number> {
    const relation = await this.#relation(request.source)
    const select = selectSql(relation, request, ['1 AS one'], await this.#narrowing(relation, request))
    const [row] = await this.#session.rows<{ readonly rows: string }>(`SELECT COUNT_BIG(*) AS rows FROM (${select}) AS counted`)
    return Number(row?.rows ?? 0)
  }

  async checksum(request: ReadRequest): Promise<Checksum> {
    const relation = await this.#relation(request.source)
    const { form, expression } = checksumSql(requestedColumns(relation, request.columns))
    const select = selectSql(relation, request, [`${expression} AS hash`], await this.#narrowing(relation, request))
    const [row] = await this.#session.rows<{ readonly rows: string; readonly value: string | null }>(
      `SELECT COUNT_BIG(*) AS rows, CONVERT(varchar(41), SUM(CONVERT(decimal(38,0), hash))) AS value FROM (${select}) AS hashed`,
    )
    return { form, rows: Number(row?.rows ?? 0), value: row?.value ?? '0' }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.close()
  }

  async *#stream(relation: Relation, request: ReadRequest, expressions: readonly string[]) {
    const sql = selectSql(relation, request, expressions, await this.#narrowing(relation, request))
    yield* this.#session.stream(sql)
  }

  #digestSource() {
    return {
      relation: async ({ source }: ReadRequest) => await this.#relation(source),
      select: async (relation: Relation, request: ReadRequest, expressions: readonly string[]) =>
        selectSql(relation, request, expressions, await this.#narrowing(relation, request)),
      rows: async (sql: string) => await this.#session.rows(sql),
      stream: (sql: string) => this.#session.stream(sql),
    }
  }

  async #narrowing(relation: Relation, { keys, settled, buckets }: ReadRequest): Promise<Narrowing> {
    const { utf8 } = this.#session.server
    const bounded = settled !== undefined && isRowversion(findColumn(relation, settled))
    return {
      ...(keys === undefined ? {} : { keys: await this.#keyTables.load(relation, keys) }),
      ...(buckets === undefined || utf8 === undefined
        ? {}
        : {
            bucket: `${bucketExpression(relation, buckets.cut, utf8)} IN (SELECT n FROM ${await loadNumbers(this.#session, buckets.numbers)})`,
          }),
      ...(bounded ? { before: await this.#firstActive() } : {}),
    }
  }

  /** The least rowversion that a transaction under way may still give; one for the whole view. */
  async #firstActive(): Promise<string> {
    this.#active ??= this.#session
      .rows<{ readonly active: Buffer }>('SELECT MIN_ACTIVE_ROWVERSION() AS active')
      .then(([row]) => `0x${row?.active.toString('hex') ?? '00'}`)
    return await this.#active
  }

  /** Looked up once a view: reads by key ask again and again. */
  async #relation(source: ReadRequest['source']): Promise<Relation> {
    const key = JSON.stringify(source)
    const known = this.#relations.get(key) ?? this.#describe(source)
    this.#relations.set(key, known)
    return await known
  }

  async #describe(source: ReadRequest['source']): Promise<Relation> {
    if ('query' in source) return await queryRelation(this.#session, source.query)
    const found = await findRelation(this.#session, objectName(source.table, this.#options.defaultSchema))
    if (found) return found
    throw new RunError({
      code: 'TABLE_NOT_FOUND',
      message: `\`${source.table.name}\` does not exist`,
      hint: 'was it dropped or renamed meanwhile? Look: syncline discover',
    })
  }
}
