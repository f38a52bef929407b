import type { Column } from '../core/table.ts'
import type { CompareOptions } from './contract.ts'
import { folded } from './fold.ts'
import type { KeyForms } from './key-forms.ts'
import { heldAs, heldText, heldType, type StagedRelation } from './staged.ts'

/** How the rows and columns of two relations meet. Columns are given by their position in each. */
export interface Matching {
  readonly source: StagedRelation
  readonly target: StagedRelation
  readonly mode: CompareOptions['mode']
  readonly keys: readonly KeyColumn[]
  /** The columns that changes carry. */
  readonly written: readonly WrittenColumn[]
  /** The target's columns, and those that it lacks yet, which are NULL in every row. */
  readonly read: readonly ReadColumn[]
  /** Conditions over `s` and `t`, one of which is true where matched rows differ. */
  readonly differs: readonly string[]
}

export interface KeyColumn {
  readonly name: string
  readonly source: number
  readonly target: number
  /** Positions in `written` and in `read`. */
  readonly after: number
  readonly before: number
  folded(expression: string): string
  /** The column of both sides in which the join finds what the target takes keys as, where only the target knows. */
  readonly form: string | undefined
  /** The join's condition. */
  readonly equal: string
}

export interface WrittenColumn {
  readonly column: Column
  readonly source: number
  /** Position in `read`. */
  readonly read: number
}

export interface ReadColumn {
  readonly column: Column
  readonly target: number | undefined
  /** The DuckDB type. */
  readonly type: string
}

/** What stands behind FROM for the rows that differ. */
export interface Difference {
  readonly from: string
}

export function matchingOf(
  source: StagedRelation,
  target: StagedRelation,
  { key, mode, ignore = [] }: CompareOptions,
  keyForms: KeyForms,
): Matching {
  const read = readColumns(source, target)
  const written = source.columns.flatMap((column, index) =>
    column.generated ? [] : [{ column, source: index, read: read.findIndex((one) => one.column.name === column.name) }],
  )
  const keys = key.map((name, at) => withForm(keyColumn(name, source, target, written, read), keyForms.has(name) ? `k${at}` : undefined))
  const compared = written.filter(({ column }) => !ignore.includes(column.name))
  const exact = compared.filter(({ column }) => !key.includes(column.name) || column.folding !== undefined)
  return { source, target, mode, keys, written, read, differs: exact.map((column) => differs(column, source, target, read)) }
}

function readColumns(source: StagedRelation, target: StagedRelation): readonly ReadColumn[] {
  const there = target.columns.flatMap((column, index) =>
    column.generated ? [] : [{ column, target: index, type: heldType(target.held, column) }],
  )
  const lacking = source.columns.filter((column) => !column.generated && !target.columns.some((one) => one.name === column.name))
  return [...there, ...lacking.map((column) => ({ column, target: undefined, type: heldType(source.held, column) }))]
}

function keyColumn(
  name: string,
  source: StagedRelation,
  target: StagedRelation,
  written: readonly WrittenColumn[],
  read: readonly ReadColumn[],
): KeyColumn {
  const column = source.column(name)
  const ours = { expression: `s.c${source.index(name)}`, relation: source }
  const theirs = { expression: `t.c${target.index(name)}`, relation: target }
  const [left, right] = heldAlike(column, source, target)
    ? [ours.expression, theirs.expression]
    : [textOf(ours, column), textOf(theirs, column)]
  return {
    name,
    source: source.index(name),
    target: target.index(name),
    after: written.findIndex((one) => one.column.name === name),
    before: read.findIndex((one) => one.column.name === name),
    form: undefined,
    folded: (expression) => folded(expression, column),
    equal: `${folded(left, column)} = ${folded(right, column)}`,
  }
}

function withForm(key: KeyColumn, form: string | undefined): KeyColumn {
  return form === undefined ? key : { ...key, form, equal: `s.${form} = t.${form}` }
}

/** Floats are equal as numbers are, NaN to NaN and -0 to 0: not every system keeps the sign of zero, and a second run must find nothing. */
function differs(
  { column, source: index, read: at }: WrittenColumn,
  source: StagedRelation,
  target: StagedRelation,
  read: readonly ReadColumn[],
): string {
  const there = read[at]?.target
  const ours = `s.c${index}`
  if (there === undefined) return `${ours} IS NOT NULL`
  if (heldAlike(column, source, target)) return `${ours} IS DISTINCT FROM t.c${there}`
  return `${textOf({ expression: ours, relation: source }, column)} IS DISTINCT FROM ${textOf({ expression: `t.c${there}`, relation: target }, column)}`
}

function heldAlike(column: Column, source: StagedRelation, target: StagedRelation): boolean {
  return heldAs(source.held, column) === heldAs(target.held, column)
}

function textOf({ expression, relation }: { readonly expression: string; readonly relation: StagedRelation }, column: Column): string {
  return heldText(expression, relation.held, column)
}
