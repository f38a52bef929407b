import type { Endpoint } from '../connectors/connector.ts'
import type { SyncDefinition } from '../core/definition.ts'
import { ConfigError, RunError } from '../core/errors.ts'
import type { Column, Table, TableRef } from '../core/table.ts'
import { formatType } from '../core/types.ts'
import { columnNotFound, type Ends, targetRef, type Work } from './ends.ts'
import { refuseRedact } from './redact.ts'
import { withZone } from './zones.ts'

/** One column on its way: as it is read and as it shall be in the target. */
export interface Pair {
  readonly from: Column
  readonly to: Column
  /** The zone by whose clocks naive cells become instants, or instants naive (rule 8). */
  readonly zone?: string
}

/** What the target becomes: which columns travel, and what has to be created for them. */
export interface Shape {
  readonly pairs: readonly Pair[]
  /** Target names; empty where rows have no key. */
  readonly key: readonly string[]
  /** The target as it shall be for this sync: the columns that are written, its key, what hangs on it. */
  readonly table: Table
  readonly exists: boolean
  /** What a run changes of the target's schema, in words. */
  readonly schema: readonly string[]
}

/**
 * Pairs the source's columns with the target's: by exact name, else by the one name that differs in case only. Columns
 * that the target computes are not written, columns that only the target has are left alone, missing ones are added
 * (rule 18).
 * @param columns the source's columns, untyped ones as inferred where the target has types.
 * @throws ConfigError or RunError naming the column or key that does not fit.
 */
export function shapeSync(definition: SyncDefinition, ends: Ends, columns: readonly Column[], target: Endpoint): Shape {
  refuseRedact(definition, ends, columns)
  const existing = ends.target
  const found: Pair[] = []
  const added: Column[] = []
  for (const from of columns) {
    const there = existing && matching(existing.columns, from.name)
    if (there?.generated) continue
    if (existing && there) found.push({ from, to: typed(there, from, target, existing) })
    else {
      const to = adopt(target, from, targetRef(definition))
      found.push({ from, to })
      added.push(to)
    }
  }
  const pairs = found.map((pair) => withZone(pair, definition))
  const key = chooseKey(definition, ends, pairs)
  if (existing) refuseMissing(existing, pairs, definition)
  const finished = pairs.map((pair) => (existing ? pair : keyed(pair, key)))
  const table: Table = existing
    ? { ...existing, columns: finished.map((pair) => pair.to) }
    : newTable(
        definition,
        finished.map((pair) => pair.to),
        key,
        target,
      )
  return { pairs: finished, key, table, exists: existing !== undefined, schema: schemaChanges(table, existing, added) }
}

/**
 * The described columns, those marked whose cells the reader found, or was told, to be text that has to be judged: a column of
 * SQLite that holds what it does not declare, a column of a file whose type the config names.
 * @param inferred in place of columns without types.
 */
export function columnsAsRead(described: readonly Column[], read: readonly Column[], inferred = described): readonly Column[] {
  return described.map((column) => {
    const named = ({ name }: Column) => name === column.name
    const { untyped, invalid } = read.find(named) ?? {}
    const found = column.untyped ? (inferred.find(named) ?? column) : untyped ? { ...column, untyped } : column
    return invalid === undefined ? found : { ...found, invalid }
  })
}

/** A new column is made for the type that is declared, whatever the cells turn out to be, unless it takes any text. */
function adopt(target: Endpoint, column: Column, ref: TableRef): Column {
  const { untyped, ...declared } = column
  const adopted = target.adopt(column, ref)
  return untyped && !adopted.untyped && column.type.kind !== 'text' ? target.adopt(declared, ref) : adopted
}

/** Its key proves nothing where the endpoint would take any rows: a file does. */
function newTable(definition: SyncDefinition, columns: readonly Column[], key: readonly string[], target: Endpoint): Table {
  const uniques = key.length > 0 && target.traits.judgesRows ? [key] : []
  return { ref: targetRef(definition), kind: 'table', columns, key, uniques }
}

/**
 * Untyped source columns need inference where neither side has a type and something depends on one: a new column of a
 * target with types, a cell of a format that tells numbers from text, a cursor.
 */
export function typesAreKnown({ definition, target }: Pick<Work, 'definition' | 'target'>, ends: Ends): boolean {
  const existing = ends.target?.columns ?? []
  const ref = targetRef(definition)
  return ends.source.columns.every((column) => {
    if (!column.untyped) return true
    const there = matching(existing, column.name)
    if (there && !there.untyped) return true
    return target.adopt(column, ref).untyped && column.name !== definition.from.cursor
  })
}

/** Columns that only the target has; `lost` are those that a row loaded anew would have nothing for. */
export function ownColumns({ pairs }: Pick<Shape, 'pairs'>, { target }: Ends) {
  const paired = new Set(pairs.map(({ to }) => to.name))
  const own = (target?.columns ?? []).filter((column) => !paired.has(column.name) && !column.generated)
  const lost = own.filter((column) => !column.defaulted && column.identity === undefined)
  return { columns: own, lost: lost.map(({ name }) => name) }
}

/** @throws ConfigError naming the column that does not exist. */
export function selectColumns(columns: readonly Column[], select: readonly string[] | undefined): readonly Column[] {
  if (!select) return columns
  return select.map((name) => columns.find((column) => column.name === name) ?? columnNotFound(name, columns))
}

/** Columns with those of the target, or as they are where it has none: types may not be known yet. */
export function pairByName(columns: readonly Column[], { target }: Ends): readonly Pair[] {
  return columns.map((from) => ({ from, to: (target && matching(target.columns, from.name)) ?? from }))
}

/** The column of exactly that name, else the one whose name differs in case alone. */
export function matching(columns: readonly Column[], name: string): Column | undefined {
  const exact = columns.find((column) => column.name === name)
  if (exact) return exact
  const similar = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase())
  return similar.length === 1 ? similar[0] : undefined
}

/**
 * A target without types takes the source's, those that the config names too where its format tells numbers from text: its
 * cells are compared as values of those. How long a text of a file may be is for the file's format to say.
 */
function typed(to: Column, from: Column, target: Endpoint, { ref, kind }: Table): Column {
  const { untyped, ...declared } = from
  const takes = to.untyped && (!untyped || (from.type.kind !== 'text' && !target.adopt(from, ref).untyped))
  const column = takes ? { ...declared, name: to.name, nullable: true, ...(to.mergesNull ? { mergesNull: true } : {}) } : to
  if (kind !== 'file' || column.type.kind !== 'text') return column
  const { type } = target.adopt(column, ref)
  return type.kind === 'text' && type.length !== undefined ? { ...column, type } : column
}

/** Key columns of a new table are never NULL. */
function keyed(pair: Pair, key: readonly string[]): Pair {
  return key.includes(pair.to.name) ? { ...pair, to: { ...pair.to, nullable: false } } : pair
}

/** Rule 2: as configured, else the target's, else the source's, as far as their columns travel. */
export function chooseKey(definition: SyncDefinition, ends: Ends, pairs: readonly Pair[]): readonly string[] {
  if (definition.key) return definition.key.map((name) => keyColumn(name, definition, pairs))
  const ofTarget = ends.target?.key.map((name) => pairs.find(({ to }) => to.name === name)?.to.name) ?? []
  const ofSource = ends.source.key.map((name) => pairs.find(({ from }) => from.name === name)?.to.name)
  const key = [ofTarget, ofSource].find((names) => names.length > 0 && !names.includes(undefined)) ?? []
  if (key.length === 0 && (definition.mode === 'mirror' || definition.mode === 'upsert')) {
    throw new ConfigError({
      code: 'NO_KEY',
      message: `\`${definition.name}\`: mode ${definition.mode} needs a key, and neither side has a primary key that both know`,
      hint: 'name the columns that tell rows apart: `key: id`, or `key: [a, b]`',
    })
  }
  return key.filter((name) => name !== undefined)
}

function keyColumn(name: string, definition: SyncDefinition, pairs: readonly Pair[]): string {
  const pair = pairs.find(({ to, from }) => to.name === name || from.name === name)
  if (pair) return pair.to.name
  throw new ConfigError({
    code: 'KEY_NOT_FOUND',
    message: `\`${definition.name}\`: the key column \`${name}\` is not among the columns that are read`,
    hint: `the columns are ${pairs.map((other) => other.to.name).join(', ')}`,
  })
}

/** A row without a value for such a column could never be inserted. */
function refuseMissing(target: Table, pairs: readonly Pair[], definition: SyncDefinition): void {
  const written = new Set(pairs.map((pair) => pair.to.name))
  const missing = target.columns.filter((column) => !column.nullable && !column.defaulted && !column.generated && !written.has(column.name))
  if (missing.length === 0 || target.kind === 'file') return
  throw new RunError({
    code: 'COLUMN_MISSING',
    message: `\`${definition.name}\`: ${target.ref.name} needs a value for ${missing.map((column) => `\`${column.name}\``).join(', ')}, and the source has no such column`,
    hint: 'give the column a default in the target, or add it to the source',
  })
}

function schemaChanges(table: Table, existing: Table | undefined, added: readonly Column[]): readonly string[] {
  if (existing?.kind === 'file') return []
  if (existing) return added.map((column) => `add column ${column.name} ${typeName(column)}`)
  const columns = table.columns.map((column) => `${column.name} ${typeName(column)}`).join(', ')
  return [`create ${table.ref.name} (${columns}${table.key.length > 0 ? `, key ${table.key.join(', ')}` : ''})`]
}

function typeName(column: Column): string {
  return column.native?.name ?? formatType(column.type)
}
