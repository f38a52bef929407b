import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import type { Digests, Pushdown, ReadRequest, Snapshot } from '../connector.ts'
import { readForm, targetCell } from './cells.ts'
import { MysqlDigests } from './digests.ts'
import type { Doubts } from './doubts.ts'
import { type RelationName, relationName } from './names.ts'
import { findRelation, queryRelation, type Relation, type RelationColumn, type TypeOptions } from './relation.ts'
import { OddCells } from './result-rows.ts'
import { requestedColumns, selectSql } from './select.ts'
import type { Session } from './session.ts'

/** What a view of the database is made of. */
export interface View {
  readonly session: Session
  readonly database: string | undefined
  readonly options: TypeOptions
  /** Columns that are known to hold what their type does not; absent where every cell is taken as it is. */
  readonly doubts?: Doubts
  /** Where the rows of a table lie while they wait for the commit. */
  placeOf?(name: RelationName): RelationName
  readonly close: () => Promise<void>
}

/** One view of the database, over all its tables, by one session: its streams are read one after the other. */
export class MysqlSnapshot implements Snapshot {
  readonly pushdown: ReadonlySet<Pushdown> = new Set(['columns', 'where', 'cursor', 'keys', 'buckets', 'limit', 'query'])
  readonly digests: Digests = new MysqlDigests({
    relation: async ({ source }) => await this.#relation(source),
    select: (relation, request, expressions) => selectSql(relation, this.#place(relation), request, expressions),
    rows: async (sql) => await this.#view.session.rows(sql),
    csv: (sql, forms) => this.#view.session.csv({ sql, forms, doubted: new Set(forms.keys()) }, () => {}),
  })
  readonly #view: View
  readonly #relations = new Map<string, Promise<Relation>>()

  constructor(view: View) {
    this.#view = view
  }

  async read(request: ReadRequest): Promise<Rows> {
    const relation = await this.#relation(request.source)
    const columns = requestedColumns(relation, request.columns)
    let sent = 0
    return {
      columns: columns.map(({ column }) => this.#judged(relation, column)),
      csv: () => {
        sent = 0
        return [
          this.#stream(relation, request, columns, (rows) => {
            sent = rows
          }),
        ]
      },
      given: () => sent,
    }
  }

  async count(request: ReadRequest): Promise<number> {
    const relation = await this.#relation(request.source)
    const [[count] = []] = await this.#view.session.rows(
      `SELECT count(*) FROM (${selectSql(relation, this.#place(relation), request, ['1'])}) AS counted`,
    )
    return Number(count ?? 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#view.close()
  }

  /** Looked up once a view: reads by key ask again and again. */
  async #relation(source: ReadRequest['source']): Promise<Relation> {
    const key = JSON.stringify(source)
    const known = this.#relations.get(key) ?? this.#describe(source)
    this.#relations.set(key, known)
    return await known
  }

  async #describe(source: ReadRequest['source']): Promise<Relation> {
    const { session, database, options } = this.#view
    if ('query' in source) return await queryRelation(session, source.query, options)
    const name = relationName(source.table, database)
    const found = await findRelation(session, this.#view.placeOf?.(name) ?? name, options)
    if (found) return { ...found, name }
    throw new RunError({
      code: 'TABLE_NOT_FOUND',
      message: `\`${source.table.name}\` does not exist`,
      hint: 'was it dropped or renamed meanwhile? Look: syncline discover',
    })
  }

  #place({ name }: Relation): RelationName {
    return this.#view.placeOf?.(name) ?? name
  }

  /** Marked where some cell was seen to be no value of its type, so that every one is judged. */
  #judged(relation: Relation, column: Column): Column {
    return this.#view.doubts?.has(relation, column.name) ? { ...column, untyped: true } : column
  }

  async *#stream(
    relation: Relation,
    request: ReadRequest,
    columns: readonly RelationColumn[],
    sent: (rows: number) => void,
  ): AsyncGenerator<Uint8Array> {
    const { session, doubts } = this.#view
    const forms = columns.map((column) => readForm(column))
    const cells = columns.map((column, index) => forms[index]?.expression(targetCell(column)) ?? '')
    const all = columns.map((_, index) => index)
    const doubted = new Set(doubts ? all.filter((index) => doubts.has(relation, columns[index]?.column.name ?? '')) : all)
    const sql = selectSql(relation, this.#place(relation), request, cells)
    try {
      yield* session.csv({ sql, forms: forms.map(({ form }) => form), doubted }, sent)
    } catch (error) {
      if (!(error instanceof OddCells) || !doubts) throw error
      throw doubts.raise(relation, columns[error.column]?.column.name ?? '')
    }
  }
}
