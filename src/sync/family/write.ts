import type { WriteSession } from '../../connectors/connector.ts'
import type { Applied, ChangeSet } from '../../core/changes.ts'
import { RunError } from '../../core/errors.ts'
import type { Departure, Passes } from '../../stage/stage.ts'
import type { Outcome } from '../apply.ts'
import { writeHeld } from '../load.ts'
import { refuseRejects, SetAside } from '../rejects.ts'
import { isReplacedWhole, replaceWhole, replacing } from '../replace-whole.ts'
import { verifyApplied } from '../verify.ts'
import { type Edge, type Opened, openColumns, orderTables, type WriteOrder } from './order.ts'
import { nameOf, type Ready } from './part.ts'

/** Is told which table is being worked on, so that what is thrown has a name. */
export type AtTable = (part: Ready) => void

/**
 * Writes all tables in one session: first what goes, from the tables that refer to others to those that they refer to, then
 * what comes, the other way round. Nothing is committed.
 */
export async function writeTogether(
  session: WriteSession,
  parts: readonly Ready[],
  edges: readonly Edge[],
  at: AtTable,
): Promise<ReadonlyMap<Ready, Outcome>> {
  const writing = await Writing.plan(session, parts, edges, at)
  await writing.schema()
  await writing.backwards(({ release }) => release, 'released')
  await writing.backwards(({ deletes }) => deletes)
  await writing.forwards()
  await writing.backwards(({ lateDeletes }) => lateDeletes)
  return await writing.verify()
}

const nothing: Applied = { inserted: 0, updated: 0, deleted: 0, moved: [] }

class Writing {
  readonly #session: WriteSession
  readonly #at: AtTable
  /** Parents first. */
  readonly #parts: readonly Ready[]
  readonly #passes: ReadonlyMap<Ready, Passes>
  readonly #opened: readonly Opened[]
  readonly #applied = new Map<Ready, Applied>()
  readonly #schema = new Map<Ready, readonly string[]>()
  readonly #held = new Map<Ready, Outcome>()

  static async plan(session: WriteSession, parts: readonly Ready[], edges: readonly Edge[], at: AtTable): Promise<Writing> {
    const order = orderTables(
      parts.map((part) => ({ name: nameOf(part), target: part.ends.target })),
      edges,
    )
    refuseCircles(parts, order)
    const ordered = order.tables.flatMap((name) => parts.find((part) => nameOf(part) === name) ?? [])
    const passes = new Map<Ready, Passes>()
    // Whether rows of a table may go depends on when those go that refer to them.
    for (const part of ordered.toReversed()) {
      at(part)
      if (part.comparison && !isUntouched(part) && !replacesWhole(part))
        passes.set(part, await cutInOrder(part, parts, edges, order, passes))
    }
    return new Writing(session, { parts: ordered, passes, opened: order.opened }, at)
  }

  private constructor(
    session: WriteSession,
    {
      parts,
      passes,
      opened,
    }: { readonly parts: readonly Ready[]; readonly passes: ReadonlyMap<Ready, Passes>; readonly opened: readonly Opened[] },
    at: AtTable,
  ) {
    this.#session = session
    this.#opened = opened
    this.#parts = parts
    this.#passes = passes
    this.#at = at
  }

  async schema(): Promise<void> {
    await this.#session.deferReferences?.()
    for (const part of this.#parts) {
      this.#at(part)
      const { comparison } = part
      if (comparison && !isUntouched(part)) this.#schema.set(part, await this.#session.ensureTable(comparison.shape.table))
    }
  }

  /** A pass over all tables, those that refer to others first. */
  async backwards(pass: (passes: Passes) => ChangeSet | undefined, counted: 'counted' | 'released' = 'counted'): Promise<void> {
    for (const part of this.#parts.toReversed()) await this.#apply(part, pass, counted)
  }

  /** What comes, and as soon as all that it refers to is there, the cells that waited for it. */
  async forwards(): Promise<void> {
    const written = new Set<string>()
    const waiting = new Set(this.#parts)
    for (const part of this.#parts) {
      this.#at(part)
      await this.#writeHeld(part)
      if (part.comparison && replacesWhole(part) && !isUntouched(part))
        this.#applied.set(part, await replaceWhole(this.#session, part.work, part.stage, part.comparison))
      await this.#apply(part, ({ writes }) => writes, 'counted')
      written.add(nameOf(part))
      for (const one of waiting) {
        if (!written.has(nameOf(one)) || this.#opened.some(({ child, parent }) => child === nameOf(one) && !written.has(parent))) continue
        waiting.delete(one)
        await this.#apply(one, ({ complete }) => complete, 'released')
      }
    }
  }

  async #writeHeld(part: Ready): Promise<void> {
    const { held, work, stage } = part
    if (!held) return
    const write = async () => await writeHeld(work, held, stage, this.#session)
    this.#held.set(part, await replacing(held.shape.table, write))
  }

  /** What became of each table; those that had nothing to do are left out. */
  async verify(): Promise<ReadonlyMap<Ready, Outcome>> {
    const outcomes = new Map<Ready, Outcome>(this.#held)
    for (const part of this.#parts) {
      if (!part.comparison || isUntouched(part)) continue
      this.#at(part)
      const applied = this.#applied.get(part) ?? nothing
      part.work.progress('verifying', { rows: 0, bytes: 0 })
      const refused = await part.stage.refused(part.comparison.compared, applied.refused ?? [])
      await refuseRejects(part.work, SetAside.rows(refused), part.comparison.read, part.stage.rejected + (part.left?.rejects.length ?? 0))
      const { moved, ...checked } = await verifyApplied(
        part.work,
        part.stage,
        { ...part.comparison, ...(part.left ? { left: part.left.refused } : {}) },
        applied,
        this.#session,
      )
      const notes = [...(applied.notes ?? []), ...checked.notes]
      outcomes.set(part, { applied, rejects: [...refused, ...moved], schema: this.#schema.get(part) ?? [], ...checked, notes })
    }
    return outcomes
  }

  /** `released`: cells of rows that are counted in another pass. */
  async #apply(part: Ready, pass: (passes: Passes) => ChangeSet | undefined, counted: 'counted' | 'released'): Promise<void> {
    const passes = this.#passes.get(part)
    const changes = passes && pass(passes)
    if (!changes || !part.comparison || changesIn(changes) === 0) return
    this.#at(part)
    const total = changesIn(part.comparison.compared)
    part.work.progress('applying', { rows: this.#done(part), bytes: 0, total })
    const applied = await required(this.#session.apply).call(this.#session, part.comparison.shape.table, changes)
    if (applied.stopped) throw applied.stopped
    const done = counted === 'counted' ? applied : { ...applied, inserted: 0, updated: 0, deleted: 0 }
    this.#applied.set(part, sum(this.#applied.get(part) ?? nothing, done))
  }

  #done(part: Ready): number {
    const { inserted, updated, deleted } = this.#applied.get(part) ?? nothing
    return inserted + updated + deleted
  }
}

function changesIn({ inserts, updates, deletes }: ChangeSet): number {
  return inserts.count + updates.count + deletes.count
}

/** Whether a run has nothing to do for a table. */
export function isUntouched({ comparison }: Ready): boolean {
  return comparison !== undefined && changesIn(comparison.compared) === 0 && comparison.shape.exists && comparison.shape.schema.length === 0
}

function replacesWhole({ work, comparison }: Ready): boolean {
  return comparison !== undefined && isReplacedWhole(work, comparison)
}

function sum(one: Applied, other: Applied): Applied {
  return {
    inserted: one.inserted + other.inserted,
    updated: one.updated + other.updated,
    deleted: one.deleted + other.deleted,
    moved: [...one.moved, ...other.moved],
    refused: [...(one.refused ?? []), ...(other.refused ?? [])],
    notes: [...new Set([...(one.notes ?? []), ...(other.notes ?? [])])],
  }
}

/** @param known the passes of tables that refer to this one. */
async function cutInOrder(
  part: Ready,
  parts: readonly Ready[],
  edges: readonly Edge[],
  order: WriteOrder,
  known: ReadonlyMap<Ready, Passes>,
): Promise<Passes> {
  const waiting = new Set([...known].flatMap(([one, { lateDeletes }]) => (lateDeletes.deletes.count > 0 ? [nameOf(one)] : [])))
  const passes = await cut(part, parts, edges, order, waiting)
  const name = nameOf(part)
  const isOwn = selfEdges(edges, name, 'statement').length > 0
  if (!isOwn || passes.lateDeletes.deletes.count === 0 || passes.deletes.deletes.count === 0) return passes
  return await cut(part, parts, edges, order, new Set([...waiting, name]))
}

/**
 * The changes of one table in the passes that its foreign keys, and those that point to it, ask for.
 * @param waiting names of tables of which some deletes are late.
 */
async function cut(
  part: Ready,
  parts: readonly Ready[],
  edges: readonly Edge[],
  { opened }: WriteOrder,
  waiting: ReadonlySet<string>,
): Promise<Passes> {
  const { comparison, stage } = part
  const compared = required(comparison).compared
  const name = nameOf(part)
  const open = columnsOf(part, [...opened.filter(({ child }) => child === name), ...selfEdges(edges, name, 'row')])
  const held = compared.inserts.count === 0 ? [] : columnsOf(part, selfEdges(edges, name, 'statement'))
  const children = edges.filter(({ parent }) => parent === name)
  return await stage.passes(compared, {
    heldInserts: open,
    heldUpdates: [...new Set([...open, ...held])],
    released: open,
    // Cells of an opened key are emptied before anything is deleted.
    departures: children.flatMap((edge) => departure(part, parts, edge, waiting.has(edge.child) && !isOpened(edge, opened)) ?? []),
    allLate: children.some(({ child }) =>
      parts.some((other) => nameOf(other) === child && (other.held !== undefined || replacesWhole(other))),
    ),
  })
}

function selfEdges(edges: readonly Edge[], name: string, judged: Edge['reference']['judged']): readonly Edge[] {
  return edges.filter(({ child, parent, reference }) => child === name && parent === name && reference.judged === judged)
}

function columnsOf(part: Ready, edges: readonly Edge[]): readonly string[] {
  return [...new Set(edges.flatMap(({ reference }) => openColumns(part.ends.target, reference)))]
}

/** Deletes wait for rows that refer to others afterwards, where the system would not: it judges at once, or takes those rows along. */
function departure(part: Ready, parts: readonly Ready[], { child, reference }: Edge, waits: boolean): Departure | undefined {
  const other = parts.find((one) => nameOf(one) === child)
  const acts = part.ends.target?.dependents?.cascades.includes(reference.name) || reference.self
  if (!other?.comparison || (reference.judged === 'commit' && !acts)) return undefined
  return { child: other.comparison.compared, columns: reference.columns, foreignColumns: reference.foreignColumns, waits }
}

function isOpened({ child, parent, reference }: Edge, opened: readonly Opened[]): boolean {
  return opened.some((one) => one.child === child && one.parent === parent && one.reference.name === reference.name)
}

/** @throws RunError naming tables that refer to each other so that neither can be written first. */
function refuseCircles(parts: readonly Ready[], { opened }: WriteOrder): void {
  for (const edge of opened) {
    const child = parts.find((part) => nameOf(part) === edge.child)
    const parent = parts.find((part) => nameOf(part) === edge.parent)
    if (openColumns(child?.ends.target, edge.reference).length > 0 || !meet(child, parent)) continue
    throw circle(edge, parts)
  }
}

function meet(child: Ready | undefined, parent: Ready | undefined): boolean {
  const ours = child?.comparison?.compared
  const theirs = parent?.comparison?.compared
  if (!ours || !theirs) return true
  const comes = ours.inserts.count + ours.updates.count > 0 && theirs.inserts.count > 0
  return comes || (ours.deletes.count > 0 && theirs.deletes.count > 0)
}

function circle({ circle: names, reference }: Opened, parts: readonly Ready[]): RunError {
  const tables = names.map((name) => parts.find((part) => nameOf(part) === name)?.request.definition.to.object ?? name)
  return new RunError({
    code: 'FOREIGN_KEY_CIRCLE',
    message: `foreign keys go round in a circle (${tables.join(' → ')}) and hold at every moment, so none of these tables can be written first; nothing was changed`,
    hint: `let ${reference.name} be judged at the commit (DEFERRABLE), or let a column of it be NULL`,
  })
}

function required<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error('a table was written before it was read')
  return part
}
