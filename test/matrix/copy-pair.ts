import type { ConfigInput } from '../../src/index.ts'
import type { World } from '../e2e/world.ts'
import { sameValue } from './same-value.ts'
import { columnName, type MatrixSystem, type OpenSystem, type Sample, type SampleRow, type SampleTable } from './system.ts'

/** What becomes of a type in a target. */
export interface Outcome {
  /** The type of the target's column; absent where there is no such column. */
  readonly becomes?: string
  /** Values that are rejects naming the column. */
  readonly rejects?: readonly string[]
  /** Values that the target holds as another one that it takes as equal. */
  readonly equated?: readonly string[]
  /** Why the whole run is refused. */
  readonly refused?: string
  /** Why it was not tried. */
  readonly untried?: string
}

/** Outcomes by the name of the source's type. */
export type Outcomes = Readonly<Record<string, Outcome>>

export interface Pair {
  readonly source: OpenSystem
  /** The object of the source that holds the table. */
  readonly from: string
  readonly table: SampleTable
  readonly system: MatrixSystem
  readonly target: OpenSystem
  readonly to: string
}

/**
 * Copies every type of a source into a new table of a target and says what became of each value.
 * @throws where a value arrived changed, went missing, or was rejected without naming its column; where a second run finds
 * anything to do.
 */
export async function copyPair(world: World, pair: Pair): Promise<Outcomes> {
  const { samples } = pair.table
  const tried = [...samples.keys()].filter((index) => samples[index]?.untried === undefined)
  const all = await copied(world, pair, tried)
  const outcomes = typeof all === 'string' ? await copiedAlone(world, pair, tried) : all
  return Object.fromEntries(samples.map(({ name, untried }) => [name, untried === undefined ? (outcomes[name] ?? {}) : { untried }]))
}

/** One type that is refused as a whole hides the others: each goes alone. */
async function copiedAlone(world: World, pair: Pair, samples: readonly number[]): Promise<Outcomes> {
  const outcomes: Record<string, Outcome> = {}
  for (const index of samples) {
    const { name } = pair.table.samples[index] as Sample
    const one = await copied(world, { ...pair, to: `${pair.to}_${index}` }, [index])
    outcomes[name] = typeof one === 'string' ? { refused: one } : (one[name] ?? {})
  }
  return outcomes
}

/** @returns what became of the samples, or why the run was refused. A second run has nothing to do. */
async function copied(world: World, pair: Pair, samples: readonly number[]): Promise<Outcomes | string> {
  const select = samples.length === pair.table.samples.length ? undefined : ['id', ...samples.map(columnName)]
  const first = await world.runOne(configOf(pair, 'replace', select))
  // Others' locks and lost connections say nothing of types.
  if (first.error?.fix === 'retry' || first.error?.code === 'LOCKED') throw new Error(first.error.message)
  if (first.error) return first.error.code
  const outcomes = await outcomesOf(world, pair, samples)
  const second = await world.runOne(configOf(pair, 'mirror', select))
  const { inserted, updated, deleted, rejected } = second.counts
  const settled = pair.system.forgetsTypes ? inserted + rejected : rejected
  if (second.error || updated + deleted > 0 || settled !== first.counts.rejected || (!pair.system.forgetsTypes && inserted > 0)) {
    const seen = `${JSON.stringify(second.counts)} ${second.error?.message ?? ''}; the first: ${JSON.stringify(first.counts)}`
    throw new Error(`the second run of an unchanged mirror is not empty: ${seen}`)
  }
  return outcomes
}

/** @throws where a source does not hold what was put into it. */
export async function checkSource(source: OpenSystem, from: string, table: SampleTable): Promise<void> {
  const { columns, rows } = await source.read(from)
  const at = new Map(columns.map(({ name }, index) => [name, index]))
  const cells = new Map(rows.map((row) => [row[at.get('id') ?? 0], row]))
  const faults = table.rows.flatMap(({ id, sample: index, text }) => {
    const { name, type } = table.samples[index] as Sample
    const found = cells.get(String(id))?.[at.get(columnName(index)) ?? -1] ?? null
    const same = text === null ? found === null : found !== null && sameValue(type, text, found)
    return same ? [] : [`${name}: ${label(text ?? 'NULL')} is ${label(found ?? 'NULL')}`]
  })
  if (faults.length > 0) throw new Error(`the source does not hold its own values:\n${faults.join('\n')}`)
}

function configOf({ source, from, target, to }: Pair, mode: 'replace' | 'mirror', select?: readonly string[]): ConfigInput {
  return {
    connections: { source: source.connection, target: target.connection },
    syncs: {
      [`matrix_${to}`]: {
        from: { connection: 'source', object: source.object(from), ...source.options?.from, ...(select ? { select: [...select] } : {}) },
        to: { connection: 'target', object: target.object(to), ...target.options?.to },
        mode,
        key: 'id',
        on_reject: 'continue',
        guard: 'off',
      },
    },
  }
}

async function outcomesOf(world: World, pair: Pair, samples: Iterable<number>): Promise<Outcomes> {
  const found = await foundIn(world, pair)
  const outcomes: Record<string, Outcome> = {}
  const faults: string[] = []
  for (const index of samples) {
    const { name } = pair.table.samples[index] as Sample
    const arrivals = pair.table.rows.filter(({ sample }) => sample === index).map((row) => arrivalOf(pair, row, found))
    faults.push(...arrivals.flatMap(({ kind, text, detail }) => (kind === 'fault' ? [`${name}: ${label(text ?? 'NULL')} ${detail}`] : [])))
    const of = (kind: Arrival['kind']) => arrivals.flatMap((one) => (one.kind === kind && one.text !== null ? [label(one.text)] : []))
    const [becomes, rejects, equated] = [found.types.get(columnName(index)), of('rejected'), of('equated')]
    outcomes[name] = {
      ...(becomes === undefined ? {} : { becomes }),
      ...(rejects.length === 0 ? {} : { rejects }),
      ...(equated.length === 0 ? {} : { equated }),
    }
  }
  if (faults.length > 0) throw new Error(`values arrived changed and nobody was told:\n${faults.join('\n')}`)
  return outcomes
}

interface Found {
  /** Cells by row and column. */
  readonly rows: ReadonlyMap<string, Readonly<Record<string, string | null>>>
  readonly types: ReadonlyMap<string, string>
  /** Of each rejected row the column that is named. */
  readonly rejected: ReadonlyMap<string, string | undefined>
}

async function foundIn(world: World, pair: Pair): Promise<Found> {
  const { columns, rows } = await pair.target.read(pair.to)
  const records = rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null])))
  const rejects = await world.rejects(configOf(pair, 'mirror'))
  return {
    rows: new Map(records.map((record) => [record.id ?? '', record])),
    types: new Map(columns.map(({ name, type }) => [name, type])),
    rejected: new Map(rejects.map(({ row, column }) => [row.id ?? '', column])),
  }
}

interface Arrival {
  readonly text: string | null
  readonly kind: 'exact' | 'rejected' | 'equated' | 'fault'
  readonly detail?: string
}

/** What became of one value. */
function arrivalOf({ table, system }: Pair, { id, sample: index, text }: SampleRow, { rows, types, rejected }: Found): Arrival {
  const sample = table.samples[index] as Sample
  const name = columnName(index)
  const row = rows.get(String(id))
  if (row === undefined) {
    const column = rejected.get(String(id))
    return column === name ? { text, kind: 'rejected' } : { text, kind: 'fault', detail: `is missing; its reject names ${column}` }
  }
  const found = row[name] ?? null
  if (text === null ? found === null : found !== null && sameValue(sample.type, text, found)) return { text, kind: 'exact' }
  if (text !== null && isEquated(system, sample, text, found)) return { text, kind: 'equated' }
  return { text, kind: 'fault', detail: `arrived as ${label(found ?? 'NULL')} in ${types.get(name)}` }
}

function isEquated({ equates }: MatrixSystem, { type }: Sample, sent: string, found: string | null): boolean {
  const list = equates?.[type.kind] ?? {}
  const stored = Object.hasOwn(list, sent) ? list[sent] : undefined
  if (stored === undefined || stored === null || found === null) return stored === found
  return sameValue(type, stored, found)
}

/** A value as a person reads it: long ones by their length. */
function label(text: string): string {
  const shown = JSON.stringify(text).slice(1, -1)
  return shown.length <= 48 ? shown : `${shown.slice(0, 12)}… (${[...text].length} characters)`
}
