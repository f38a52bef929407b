import type { ChangeKind, ChangeSet } from '../core/changes.ts'
import type { ChangeSample } from '../core/run.ts'
import type { Column } from '../core/table.ts'
import type { Compared } from './contract.ts'
import type { Engine } from './engine.ts'
import { relationRows } from './export.ts'
import { keysOf } from './keys.ts'
import type { Matching } from './matching.ts'
import { emptySelect, type Held, heldAs, heldText, StagedRelation } from './staged.ts'

export interface ComparedParts extends Matching {
  /** The rows that differ, as what stands behind FROM: `kind`, `a0` … and `b0` …, the latter only where `updates` or `deletes` are. */
  readonly from: string
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
  /** Rows rejected because their key is there already. */
  readonly existing: number
  readonly withheldDeletes: number
}

/** The change set over the table of rows that differ. */
export class ComparedRelations implements Compared {
  readonly parts: ComparedParts
  readonly key: readonly string[]
  readonly inserts: ChangeSet['inserts']
  readonly updates: ChangeSet['updates']
  readonly deletes: ChangeSet['deletes']
  readonly unchanged: number
  readonly withheldDeletes: number
  readonly after: StagedRelation
  readonly #engine: Engine

  constructor(engine: Engine, parts: ComparedParts) {
    this.#engine = engine
    this.parts = parts
    this.key = parts.keys.map(({ name }) => name)
    this.inserts = relationRows(engine, this.#relation(['insert'], after(parts), parts.inserts))
    this.updates = relationRows(engine, this.#relation(['update'], [...after(parts), ...beforeWritten(parts)], parts.updates))
    this.deletes = relationRows(engine, this.#relation(['delete'], before(parts), parts.deletes))
    this.unchanged = parts.source.rows - parts.inserts - parts.updates - parts.existing
    this.withheldDeletes = parts.withheldDeletes
    this.after = this.#relation(['insert', 'update'], after(parts), parts.inserts + parts.updates)
  }

  async *touched(size: number): AsyncGenerator<readonly (readonly string[])[]> {
    const { keys, inserts, updates, deletes } = this.parts
    const written = this.#relation(
      ['insert', 'update'],
      keys.map(({ after: at }) => afterCell(this.parts, at)),
      inserts + updates,
    )
    const deleted = this.#relation(
      ['delete'],
      keys.map(({ before: at }) => beforeCell(this.parts, at)),
      deletes,
    )
    for (const relation of [written, deleted]) if (relation.rows > 0) yield* keysOf(this.#engine, relation, this.key, size)
  }

  async deletesWithoutKey(): Promise<number> {
    const { keys, deletes, from } = this.parts
    if (deletes === 0 || keys.length === 0) return 0
    const isNull = keys.map(({ before: at }) => `b${at} IS NULL`).join(' OR ')
    const [[count = '0'] = []] = await this.#engine.texts(`SELECT count(*) FROM ${from} WHERE kind = 'delete' AND (${isNull})`)
    return Number(count)
  }

  async samples(limit: number): Promise<readonly ChangeSample[]> {
    const samples: ChangeSample[] = []
    for (const kind of ['insert', 'update', 'delete'] as const) samples.push(...(await this.#samplesOf(kind, limit)))
    return samples
  }

  async #samplesOf(kind: ChangeKind, limit: number): Promise<readonly ChangeSample[]> {
    if (this.parts[`${kind}s`] === 0) return []
    const sides = { after: kind === 'delete' ? [] : after(this.parts), before: kind === 'insert' ? [] : beforeWritten(this.parts) }
    const order = this.parts.keys.map((key) => (kind === 'delete' ? `b${key.before}` : `a${key.after}`))
    const cells = [...sides.after, ...sides.before].map(({ expression, held, column }) =>
      heldText(expression, { [column.name]: held }, column),
    )
    const sorted = order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`
    const rows = await this.#engine.texts(
      `SELECT ${cells.join(', ')} FROM ${this.parts.from} WHERE kind = '${kind}'${sorted} LIMIT ${limit}`,
    )
    return rows.map((row) => ({
      kind,
      after: kind === 'delete' ? null : row.slice(0, sides.after.length),
      before: kind === 'insert' ? null : row.slice(sides.after.length),
    }))
  }

  #relation(kinds: readonly ChangeKind[], cells: readonly ChangeCell[], rows: number): StagedRelation {
    const held = Object.fromEntries(cells.map(({ column, held: how }) => [column.name, how]))
    const columns = cells.map(({ column }) => column)
    // A set that is empty may stand on differences that lack its columns.
    if (rows === 0) return new StagedRelation({ columns, held, rows, from: emptySelect(columns, held) })
    const selected = cells.map(({ expression }, index) => `${expression} AS c${index}`)
    const where = `kind IN (${kinds.map((kind) => `'${kind}'`).join(', ')})`
    return new StagedRelation({ columns, held, rows, from: `(SELECT ${selected.join(', ')} FROM ${this.parts.from} WHERE ${where})` })
  }
}

/** One cell of a change: what it is called there, and where it stands in the differences. */
export interface ChangeCell {
  readonly column: Column
  readonly held: Held
  readonly expression: string
}

export function after(parts: ComparedParts): readonly ChangeCell[] {
  return parts.written.map((_, at) => afterCell(parts, at))
}

function afterCell({ written, source }: ComparedParts, at: number): ChangeCell {
  const column = written[at]?.column
  if (!column) throw new Error('a change has no such column')
  return { column, held: heldAs(source.held, column), expression: `a${at}` }
}

/** Every column of the target. */
export function before(parts: ComparedParts): readonly ChangeCell[] {
  return parts.read.flatMap(({ target }, at) => (target === undefined ? [] : [beforeCell(parts, at)]))
}

/** The columns that are written, as they were read. */
function beforeWritten(parts: ComparedParts): readonly ChangeCell[] {
  return parts.written.map(({ column, read }) => ({
    ...beforeCell(parts, read),
    column: { ...column, name: `before:${column.name}`, nullable: true },
  }))
}

function beforeCell({ read, source, target }: ComparedParts, at: number): ChangeCell {
  const one = read[at]
  if (!one) throw new Error('a change has no such column')
  const held = heldAs(one.target === undefined ? source.held : target.held, one.column)
  return { column: one.column, held, expression: `b${at}` }
}
