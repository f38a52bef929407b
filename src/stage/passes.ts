import type { ChangeKind, ChangeSet } from '../core/changes.ts'
import type { Column } from '../core/table.ts'
import type { ComparedRelations } from './compared.ts'
import type { Departure, Passes, PassOptions } from './contract.ts'
import type { Engine } from './engine.ts'
import { relationRows } from './export.ts'
import { sameTexts, textAfter, textBefore } from './references.ts'
import { emptySelect, type Held, heldAs, StagedRelation } from './staged.ts'

/** One cell of a pass: what it is called there, and where it stands in the differences. */
interface PassCell {
  readonly column: Column
  readonly held: Held
  readonly expression: string
}

/** The changes of one table, cut so that foreign keys hold after each of them. */
export async function passesOf(engine: Engine, compared: ComparedRelations, options: PassOptions<ComparedRelations>): Promise<Passes> {
  return await new Cut(engine, compared, options).passes()
}

class Cut {
  readonly #engine: Engine
  readonly #compared: ComparedRelations
  readonly #options: PassOptions<ComparedRelations>

  constructor(engine: Engine, compared: ComparedRelations, options: PassOptions<ComparedRelations>) {
    this.#engine = engine
    this.#compared = compared
    this.#options = options
  }

  async passes(): Promise<Passes> {
    const { inserts, updates } = this.#compared.parts
    const late = this.#lateCondition()
    return {
      release: await this.#release(),
      deletes: this.#set({ deletes: await this.#deletes(late === 'true' ? 'false' : `NOT ${late}`) }),
      writes: this.#set({
        inserts: this.#rows(
          'insert',
          inserts,
          this.#compared.parts.written.map((_, at) => this.#firstInserted(at)),
        ),
        updates: this.#rows('update', updates, [
          ...this.#compared.parts.written.map((_, at) => this.#firstUpdated(at)),
          ...this.#compared.parts.written.map((_, at) => this.#before(at)),
        ]),
      }),
      complete: await this.#complete(),
      lateDeletes: this.#set({ deletes: late === 'false' ? this.#none(this.#compared.deletes.columns) : await this.#deletes(late) }),
    }
  }

  /** Rows that go first let go of those that they refer to. */
  async #release(): Promise<ChangeSet | undefined> {
    const { read, deletes } = this.#compared.parts
    const places = read.flatMap(({ column }, at) => (this.#options.released.includes(column.name) ? [at] : []))
    if (places.length === 0 || deletes === 0) return undefined
    const condition = `(${places.map((at) => `b${at} IS NOT NULL`).join(' OR ')})`
    const keys = this.#compared.parts.keys.map(({ before }) => this.#read(before))
    const empty = places.map((at) => ({ ...this.#read(at), expression: nullOf(`b${at}`) }))
    const before = [...keys, ...places.map((at) => this.#read(at))].map(asBefore)
    return await this.#updates('delete', condition, [...keys, ...empty, ...before])
  }

  /** Cells that waited for the rows that they refer to. */
  async #complete(): Promise<ChangeSet | undefined> {
    const { heldInserts, heldUpdates } = this.#options
    const { written, inserts, updates, keys } = this.#compared.parts
    const places = written.flatMap(({ column }, at) => (heldUpdates.includes(column.name) ? [at] : []))
    if (places.length === 0 || inserts + updates === 0) return undefined
    const isHeld = (at: number) => heldInserts.includes(written[at]?.column.name ?? '')
    const inserted = places.filter(isHeld).map((at) => `a${at} IS NOT NULL`)
    const changed = places.map(
      (at) => `${textAfter(this.#compared, at)} IS DISTINCT FROM ${textBefore(this.#compared, written[at]?.read ?? 0)}`,
    )
    const parts = [
      ...(inserted.length === 0 || inserts === 0 ? [] : [`kind = 'insert' AND (${inserted.join(' OR ')})`]),
      ...(updates === 0 ? [] : [`kind = 'update' AND (${changed.join(' OR ')})`]),
    ]
    if (parts.length === 0) return undefined
    const keyed = keys.map(({ after }) => this.#after(after))
    const before = places.map((at) => {
      const own = isHeld(at) ? nullOf(textAfter(this.#compared, at)) : textAfter(this.#compared, at)
      const stood =
        updates === 0 ? own : `CASE WHEN kind = 'insert' THEN ${own} ELSE ${textBefore(this.#compared, written[at]?.read ?? 0)} END`
      return { ...this.#after(at), held: 'text' as const, expression: stood }
    })
    const cells = [...keyed, ...places.map((at) => this.#after(at)), ...[...keyed, ...before].map(asBefore)]
    return await this.#updates(undefined, `(${parts.map((part) => `(${part})`).join(' OR ')})`, cells)
  }

  /** Rows that others still refer to until they are changed. */
  #lateCondition(): string {
    if (this.#options.allLate) return 'true'
    if (this.#compared.parts.deletes === 0) return 'false'
    const conditions = this.#options.departures.flatMap((departure) => this.#departs(departure) ?? [])
    return conditions.length === 0 ? 'false' : `(${conditions.join(' OR ')})`
  }

  #departs({ child, columns, foreignColumns, waits }: Departure<ComparedRelations>): string | undefined {
    if (child.parts.updates === 0 && !waits) return undefined
    const same = sameTexts(
      { compared: child, names: columns, side: 'before', alias: 'l' },
      { compared: this.#compared, names: foreignColumns, side: 'before', alias: 'd' },
    )
    return same && `EXISTS (SELECT 1 FROM ${child.parts.from} AS l WHERE ${waits ? "l.kind <> 'insert'" : "l.kind = 'update'"} AND ${same})`
  }

  async #deletes(condition: string): Promise<ChangeSet['deletes']> {
    const { deletes } = this.#compared.parts
    if (deletes === 0 || condition === 'false') return this.#none(this.#compared.deletes.columns)
    const cells = this.#compared.parts.read.flatMap(({ target, column }, at) => {
      if (target === undefined) return []
      const cell = this.#read(at)
      return this.#options.released.includes(column.name) ? [{ ...cell, expression: nullOf(cell.expression) }] : [cell]
    })
    const where = `kind = 'delete' AND ${condition}`
    const count = condition === 'NOT false' ? deletes : await this.#count(where)
    return count === 0 ? this.#none(this.#compared.deletes.columns) : this.#relation(where, count, cells)
  }

  async #updates(kind: ChangeKind | undefined, condition: string, cells: readonly PassCell[]): Promise<ChangeSet | undefined> {
    const where = kind === undefined ? condition : `kind = '${kind}' AND ${condition}`
    const count = await this.#count(where)
    return count === 0 ? undefined : this.#set({ updates: this.#relation(where, count, cells) })
  }

  #rows(kind: ChangeKind, count: number, cells: readonly PassCell[]): ChangeSet['inserts'] {
    return count === 0 ? this.#none(cells.map(({ column }) => column)) : this.#relation(`kind = '${kind}'`, count, cells)
  }

  async #count(where: string): Promise<number> {
    const [[count] = []] = await this.#engine.texts(`SELECT count(*) FROM ${this.#compared.parts.from} AS d WHERE ${where}`)
    return Number(count)
  }

  #relation(where: string, rows: number, cells: readonly PassCell[]): ChangeSet['inserts'] {
    const columns = cells.map(({ column }) => column)
    const held = Object.fromEntries(cells.map(({ column, held: how }) => [column.name, how]))
    const selected = cells.map(({ expression }, index) => `${expression} AS c${index}`)
    const from = `(SELECT ${selected.join(', ')} FROM ${this.#compared.parts.from} AS d WHERE ${where})`
    return relationRows(this.#engine, new StagedRelation({ columns, held, rows, from }))
  }

  #none(columns: readonly Column[]): ChangeSet['inserts'] {
    return relationRows(this.#engine, new StagedRelation({ columns, held: {}, rows: 0, from: emptySelect(columns, {}) }))
  }

  #set(part: Partial<Omit<ChangeSet, 'key'>>): ChangeSet {
    const { inserts, updates, deletes, key } = this.#compared
    return {
      key,
      inserts: part.inserts ?? this.#none(inserts.columns),
      updates: part.updates ?? this.#none(updates.columns),
      deletes: part.deletes ?? this.#none(deletes.columns),
    }
  }

  #firstInserted(at: number): PassCell {
    const cell = this.#after(at)
    return this.#options.heldInserts.includes(cell.column.name) ? { ...cell, expression: nullOf(cell.expression) } : cell
  }

  #firstUpdated(at: number): PassCell {
    const cell = this.#after(at)
    if (!this.#options.heldUpdates.includes(cell.column.name)) return cell
    const { read } = this.#compared.parts.written[at] ?? { read: 0 }
    return { ...cell, held: 'text', expression: textBefore(this.#compared, read) }
  }

  #after(at: number): PassCell {
    const { written, source } = this.#compared.parts
    const { column } = written[at] ?? missing()
    return { column, held: heldAs(source.held, column), expression: `a${at}` }
  }

  /** A written column as it was read. */
  #before(at: number): PassCell {
    const { column, read } = this.#compared.parts.written[at] ?? missing()
    return { ...this.#read(read), column: { ...column, name: `before:${column.name}`, nullable: true } }
  }

  #read(at: number): PassCell {
    const { read, source, target } = this.#compared.parts
    const one = read[at] ?? missing()
    return { column: one.column, held: heldAs(one.target === undefined ? source.held : target.held, one.column), expression: `b${at}` }
  }
}

function asBefore(cell: PassCell): PassCell {
  return { ...cell, column: { ...cell.column, name: `before:${cell.column.name}`, nullable: true } }
}

/** NULL of the type that a cell has. */
function nullOf(expression: string): string {
  return `CASE WHEN false THEN ${expression} END`
}

function missing(): never {
  throw new Error('a change has no such column')
}
