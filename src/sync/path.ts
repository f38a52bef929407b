import type { Endpoint } from '../connectors/connector.ts'
import type { SyncDefinition } from '../core/definition.ts'
import type { Rows, RowsForm } from '../core/rows.ts'
import { fits, mayRespell, sameNative } from './conforming.ts'
import type { Pair, Shape } from './shape.ts'

/** The way a run takes, with the reason that `--verbose` prints. */
export type Path =
  /** Bytes or batches go from reader to writer. `audited`: the stage checks beside it that every text is exactly a value of its column. */
  | { readonly way: 'direct'; readonly form: RowsForm; readonly audited: boolean; readonly reason: string }
  /** The stage reads and casts, and writes on without holding the rows. */
  | { readonly way: 'streamed'; readonly reason: string }
  | { readonly way: 'staged'; readonly reason: string }

export interface PathInputs {
  readonly definition: SyncDefinition
  readonly shape: Shape
  /** What the reader gives for the request; its forms say what can travel. */
  readonly rows: Rows
  /** Whether the endpoint did all of the read itself: no predicate is left to the stage. */
  readonly pushedDown: boolean
  /** Column sets that the source's system holds unique. */
  readonly sourceUniques: readonly (readonly string[])[]
  readonly target: Endpoint
}

/** Pure: the direct way where nothing has to be compared and nothing can be bent on the way, else the stage. */
export function choosePath(inputs: PathInputs): Path {
  const obstacle = findObstacle(inputs)
  if (obstacle !== undefined) return { way: 'staged', reason: `staged: ${obstacle}` }
  const form = (inputs.target.writer?.accepts ?? []).find((one) => travels(one, inputs))
  if (form === undefined) return { way: 'streamed', reason: 'streamed: the stage turns one encoding into the other, nothing to compare' }
  const audited = inputs.shape.pairs.some(({ from, to }) => from.untyped && !to.untyped)
  const reason = `direct: ${form} from reader to writer, nothing to compare${audited ? ', each text checked on the side' : ''}`
  return { way: 'direct', form, audited, reason }
}

function findObstacle(inputs: PathInputs): string | undefined {
  const { definition, shape, pushedDown, target } = inputs
  const { mode, from } = definition
  if (mode !== 'replace' && mode !== 'append') return `mode ${mode} compares both sides`
  if (mode === 'append' && from.cursor !== undefined) return 'rows that were seen before are left out'
  if (mode === 'append' && definition.scope !== undefined) return 'a scope is applied'
  if (definition.verify === 'full') return 'verify: full compares both sides'
  if (!pushedDown) return 'the source cannot filter by itself'
  if (target.writer?.accepts.length === 0) return 'the target takes changes one by one'
  if (shape.pairs.some(({ from, to }) => mayRespell(to) && !sameNative(from, to)))
    return 'the target may store some texts in another spelling'
  if (isOnePlace(definition, target)) return 'both ends are one file'
  if (shape.key.length > 0 && !keyIsProved(inputs)) return 'no constraint proves the key'
  return undefined
}

/** One place that cannot be read while it is written: a file that is both source and target. */
function isOnePlace({ from, to }: SyncDefinition, target: Endpoint): boolean {
  if (target.traits.readsDuringWrite || from.connection.type !== to.connection.type) return false
  return JSON.stringify(from.connection.options) === JSON.stringify(to.connection.options)
}

/**
 * The target's own constraint refuses duplicates; for a replace it is as good that the source's system has done so, since
 * nothing else is there to meet.
 */
function keyIsProved({ definition, shape, sourceUniques }: PathInputs): boolean {
  const names = new Map(shape.pairs.map(({ from, to }) => [from.name, to.name]))
  const bySource = sourceUniques.map((columns) => columns.map((name) => names.get(name) ?? ''))
  const proved = definition.mode === 'replace' ? [...shape.table.uniques, ...bySource] : shape.table.uniques
  return proved.some((columns) => columns.every((name) => shape.key.includes(name)))
}

function travels(form: RowsForm, { rows, shape, target }: PathInputs): boolean {
  if (typeof rows[form] !== 'function') return false
  if (rows.columns.length !== shape.pairs.length) return false
  return shape.pairs.every((pair) => pair.zone === undefined && cellTravels(form, pair, isInAnySpelling(rows, pair), target))
}

/** Of text without types only a target that reads and judges it makes values; a file would take it as it stands. */
function cellTravels(form: RowsForm, { from, to }: Pair, inAnySpelling: boolean, target: Endpoint): boolean {
  if (form === 'pgcopy') return sameNative(from, to)
  if (from.invalid !== undefined) return false
  if (to.untyped) return true
  if (inAnySpelling) return form === 'csv' && target.traits.judgesRows
  return fits(from, to)
}

/** Whether the reader gives a column as text without a type, though its type may have been inferred since. */
function isInAnySpelling({ columns }: Rows, { from }: Pair): boolean {
  return from.untyped || columns.find(({ name }) => name === from.name)?.untyped || false
}
