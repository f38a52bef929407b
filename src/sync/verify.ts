import type { ReadRequest, Snapshot, WriteSession } from '../connectors/connector.ts'
import type { Applied, Reject } from '../core/changes.ts'
import { formatCount } from '../core/count.ts'
import { RunError } from '../core/errors.ts'
import type { ChangeSample } from '../core/run.ts'
import type { Compared, Stage, Staged } from '../stage/stage.ts'
import type { Comparison } from './compare-ends.ts'
import { conformTarget } from './conforming.ts'
import type { Work } from './ends.ts'
import { readByKeys, readTarget } from './read.ts'
import type { Shape } from './shape.ts'

/** What agreement was proved by. */
interface Checked {
  readonly verified?: string
  readonly notes: readonly string[]
}

interface Verified extends Checked {
  readonly moved: readonly Reject[]
}

/**
 * Reads back, before the commit, what the target has become. Rows that others changed meanwhile (`applied.moved`) and that
 * do not agree with the source are set aside as rejects (rule 13); anything else that differs stops the run.
 * @throws RunError (`VERIFY_FAILED`) naming how many rows differ.
 */
export async function verifyApplied(
  work: Work,
  stage: Stage,
  comparison: Comparison,
  applied: Applied,
  session: WriteSession,
): Promise<Verified> {
  const { verify, mode } = work.definition
  const changed = countChanges(comparison.compared)
  const mustLook = applied.moved.length > 0
  if (!session.snapshot || (verify === 'off' && !mustLook)) return { moved: [], notes: [] }

  await using view = await session.snapshot()
  const notes: string[] = []
  const expected = comparison.targetRows + applied.inserted - applied.deleted
  const rows = verify === 'off' ? expected : await view.count(readTarget(work.definition, [], view.pushdown).request)
  if (rows !== expected)
    notes.push(
      `the target holds ${rows - expected > 0 ? 'more' : 'fewer'} rows than this run left there (${rows}, not ${expected}): others write to it too`,
    )
  if (verify === 'counts' && !mustLook) {
    if (rows < expected) throw failed(work.definition.name, expected - rows)
    return { moved: [], verified: `row counts agree (${formatCount(rows)})`, notes }
  }

  const whole = verify === 'full' || comparison.shape.key.length === 0
  const differences = whole ? await compareWhole(work, stage, comparison, view, mode) : await compareTouched(work, stage, comparison, view)
  const moved = await setAside(work, comparison, applied, differences)
  return {
    moved,
    verified: whole ? 'the whole target was read back and agrees' : `${formatCount(changed)} changed rows were read back and agree`,
    notes,
  }
}

/** What a full load read: for comparing with what the target now holds. */
export interface LoadedSource {
  readonly view: Snapshot
  readonly request: ReadRequest
  readonly rows: number
}

/** After a load of which nothing was held: checksums where both sides compute the same one, else the counts that were compared. */
export async function verifyLoaded(
  { definition }: Work,
  { pairs, table }: Shape,
  source: LoadedSource,
  session: WriteSession,
): Promise<Checked> {
  if (definition.verify === 'off') return { notes: [] }
  const counted = { verified: `row counts agree (${formatCount(source.rows)})`, notes: [] }
  if (definition.verify === 'counts' || definition.mode !== 'replace' || !session.snapshot || !source.view.checksum) return counted
  await using view = await session.snapshot()
  if (!view.checksum) return counted
  const from = await source.view.checksum({ ...source.request, columns: pairs.map((pair) => pair.from.name) })
  const to = await view.checksum({ source: { table: table.ref }, columns: pairs.map((pair) => pair.to.name) })
  if (from.form !== to.form) return counted
  if (from.value !== to.value || from.rows !== to.rows) throw failed(definition.name, Math.abs(from.rows - to.rows))
  return { verified: `checksums of all ${formatCount(to.rows)} rows agree`, notes: [] }
}

/** After a load that the stage held: every row read back where that was asked for. */
export async function verifyHeld(work: Work, stage: Stage, shape: Shape, source: Staged, session: WriteSession): Promise<Checked> {
  const { verify, name } = work.definition
  if (verify === 'off') return { notes: [] }
  if (verify !== 'full' || !session.snapshot) return { verified: `row counts agree (${formatCount(source.rows)})`, notes: [] }
  await using view = await session.snapshot()
  const { request } = readTarget(work.definition, shape.table.columns, view.pushdown)
  const actual = await stageTarget(work, stage, shape, source, await view.read(request))
  const differences = countChanges(await stage.compare(source, actual, { key: shape.key, mode: 'mirror' }))
  if (differences > 0) throw failed(name, differences)
  return { verified: 'the whole target was read back and agrees', notes: [] }
}

/** Only the rows of the change set: the rest was compared when it was read. */
async function compareTouched(work: Work, stage: Stage, comparison: Comparison, view: Snapshot): Promise<Compared> {
  const { shape, compared } = comparison
  const { request } = readTarget(work.definition, shape.table.columns, view.pushdown)
  const rows = view.pushdown.has('keys')
    ? await readByKeys(view, request, shape.key, () => compared.touched(5_000), shape.table.columns)
    : await view.read(request)
  const actual = await stageTarget(work, stage, shape, comparison.source, rows)
  const mode = view.pushdown.has('keys') ? 'mirror' : 'upsert'
  return await stage.compare(compared.after, actual, { key: shape.key, mode })
}

/** Everything. Rows that only the target has are a difference where this run would have deleted them. */
async function compareWhole(work: Work, stage: Stage, comparison: Comparison, view: Snapshot, mode: string): Promise<Compared> {
  const { shape, source } = comparison
  const { request } = readTarget(work.definition, shape.table.columns, view.pushdown)
  const actual = await stageTarget(work, stage, shape, source, await view.read(request))
  const comparable = mode === 'mirror' || mode === 'replace' ? 'mirror' : 'upsert'
  return await stage.compare(source, actual, { key: shape.key, mode: shape.key.length === 0 ? 'append' : comparable })
}

function countChanges({ inserts, updates, deletes }: Compared): number {
  return inserts.count + updates.count + deletes.count
}

async function stageTarget(work: Work, stage: Stage, shape: Shape, source: Staged, rows: Parameters<Stage['land']>[0]): Promise<Staged> {
  const landed = await stage.land(rows)
  const asText = new Set(Object.entries(source.held).flatMap(([name, held]) => (held === 'text' ? [name] : [])))
  const columns = shape.pairs.map((pair) => {
    const there = rows.columns.find((column) => column.name === pair.to.name) ?? pair.to
    return conformTarget(pair, asText, there)
  })
  const { staged, overflow } = await stage.conform(landed, { columns })
  await landed.release()
  if (overflow.length > 0) throw failed(work.definition.name, 1)
  return staged
}

async function setAside(work: Work, { shape }: Comparison, applied: Applied, differences: Compared): Promise<readonly Reject[]> {
  const count = countChanges(differences)
  if (count === 0) return []
  if (count > applied.moved.length) throw failed(work.definition.name, count)
  const names = shape.pairs.map((pair) => pair.to.name)
  const samples = await differences.samples(count)
  const keys = new Set(applied.moved.map((moved) => JSON.stringify(moved.key.map(String))))
  return samples.map((sample) => {
    const row = rowOf(names, sample)
    if (!keys.has(JSON.stringify(shape.key.map((name) => String(row[name]))))) throw failed(work.definition.name, count)
    return { reason: 'moved', detail: 'others changed this row of the target while the run went on; the next run compares it again', row }
  })
}

function rowOf(names: readonly string[], sample: ChangeSample): Reject['row'] {
  const cells = sample.after ?? sample.before ?? []
  return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? null]))
}

function failed(name: string, rows: number): RunError {
  return new RunError({
    code: 'VERIFY_FAILED',
    message: `\`${name}\`: after writing, ${rows === 0 ? 'some' : formatCount(rows)} rows of the target were not as they should be; everything was rolled back`,
    hint: 'a trigger, a rule or a default of the target may change what is written: look at its definition, or leave the column out with `select`',
  })
}
