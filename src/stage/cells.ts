import type { Column } from '../core/table.ts'
import { sameType } from '../core/types.ts'
import { exactCast } from '../duckdb/exact.ts'
import { exactText } from '../duckdb/exact-text.ts'
import { duckdbType } from '../duckdb/types.ts'
import { widenedText } from '../duckdb/widened.ts'
import type { Conforming } from './contract.ts'
import { isInvalid, withoutMark } from './invalid.ts'
import type { LandedRows } from './landed.ts'
import { heldAs } from './staged.ts'
import { zoned } from './zoned.ts'

/** How one column is conformed, as SQL. */
export interface Cell {
  readonly conforming: Conforming
  /** The landed cell as it is worked on: its text, or itself where no cast is needed. */
  readonly landed: string
  /** The landed cell as text, for rejects. */
  readonly text: string
  /** What the landed cell, called `name`, becomes: NULL where it is not exactly a value of the target's type. */
  becomes(name: string): string
  /** Whether a cell that is not NULL may become NULL. */
  readonly mayFail: boolean
  /** Whether the landed cell, called `name`, says that it is no value; absent where none does. */
  invalid?(name: string): string
}

export function cellOf(landed: LandedRows, conforming: Conforming): Cell {
  const cell = plainCell(landed, conforming)
  const mark = landed.columns[landed.index(conforming.from)]?.invalid
  return mark === undefined ? cell : refusingInvalid(cell, mark)
}

/**
 * A cell of a column in which some texts are no values: those fit no type, and people read why there is none. Of the
 * target's own rows they are texts like others.
 */
function refusingInvalid(cell: Cell, mark: string): Cell {
  const text = withoutMark(cell.text, mark)
  if (cell.conforming.trusted) return { ...cell, landed: withoutMark(cell.landed, mark), text }
  return {
    ...cell,
    text,
    becomes: (name) => `CASE WHEN NOT ${isInvalid(name, mark)} THEN ${cell.becomes(name)} END`,
    mayFail: true,
    invalid: (name) => isInvalid(name, mark),
  }
}

function plainCell(landed: LandedRows, conforming: Conforming): Cell {
  const index = landed.index(conforming.from)
  const text = landed.text(index)
  const shared = { conforming, text }
  if (conforming.zone !== undefined) return { ...shared, landed: text, ...zoned(landed.columns[index], conforming, conforming.zone) }
  const read = widens(landed, index, conforming) ? widenedText(text) : mergedNull(text, conforming)
  if (heldAs({ [conforming.to.name]: conforming.held }, conforming.to) === 'text')
    return { ...shared, landed: read, ...heldAsText(conforming) }
  const direct = nativeCast(landed, index, conforming)
  if (direct) return { ...shared, landed: `l${index}`, ...direct }
  const { type } = conforming.to
  return { ...shared, landed: read, becomes: (name) => exactCast(name, type) ?? name, mayFail: exactCast(text, type) !== undefined }
}

function widens(landed: LandedRows, index: number, { to }: Conforming): boolean {
  const from = landed.columns[index]?.type
  return from?.kind === 'float' && from.bits === 32 && to.type.kind === 'float' && to.type.bits === 64
}

/** Where a document `null` is stored as NULL it is read as NULL. */
function mergedNull(text: string, { to }: Conforming): string {
  return to.mergesNull && to.type.kind === 'json' ? `if(regexp_full_match(${text}, '\\s*null\\s*'), NULL, ${text})` : text
}

/** Of a source's text without types nobody knows that it is canonical, even where every cell is known to be of the target's type. */
export function inAnySpelling(landed: LandedRows, conforming: Conforming): Conforming {
  const from = landed.columns[landed.index(conforming.from)]
  return from?.untyped && !conforming.to.untyped ? { ...conforming, trusted: false } : conforming
}

/** The target's own text is kept as it is; of another's, only what is exactly a value is, in canonical form. */
function heldAsText({ to, trusted, judge }: Conforming): Pick<Cell, 'becomes' | 'mayFail'> {
  if (trusted) return { becomes: (name) => name, mayFail: judge !== undefined }
  const canonical = (name: string) => exactText(name, to.type)
  return { becomes: canonical, mayFail: judge !== undefined || canonical('x') !== 'x' }
}

/** Where some cells of a column do not fit DuckDB the others must meet those of the other side in one spelling, whoever wrote them. */
export function inOneSpelling(cell: Cell): Cell {
  const { to, held, trusted, judge } = cell.conforming
  const open = to.type.kind === 'decimal' && to.type.precision === undefined
  if (!trusted || judge || open || heldAs({ [to.name]: held }, to) === 'native' || exactText('x', to.type) === 'x') return cell
  return { ...cell, becomes: (name) => `coalesce(${exactText(name, to.type)}, ${name})` }
}

/** Whether only the target knows the form of every text: it spells JSON, network addresses, padded text … in its own way. */
export function onlyTargetSpells(landed: LandedRows, { from: name, to }: Conforming): boolean {
  if (to.folding?.pad || to.limits?.judged || to.type.kind === 'other' || to.type.kind === 'json') return true
  if (to.type.kind !== 'decimal' || to.type.precision !== undefined) return false
  const from = landed.columns[landed.index(name)]
  return !from || from.untyped === true || (from.type.kind !== 'decimal' && from.type.kind !== 'integer')
}

/** Without the way over text: the same type, or integers, whose casts are exact or fail. */
function nativeCast(landed: LandedRows, index: number, { to }: Conforming): Pick<Cell, 'becomes' | 'mayFail'> | undefined {
  const from: Column | undefined = landed.columns[index]
  const type = landed.types[index]
  const wanted = duckdbType(to.type)
  if (!from || type === 'VARCHAR' || wanted === undefined) return undefined
  if (type === wanted && (sameType(from.type, to.type) || to.type.kind === 'bytes')) return { becomes: (name) => name, mayFail: false }
  if (integers.has(type ?? '') && to.type.kind === 'integer') return { becomes: (name) => `TRY_CAST(${name} AS ${wanted})`, mayFail: true }
  return undefined
}

const integers: ReadonlySet<string> = new Set([
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'HUGEINT',
  'UHUGEINT',
])
