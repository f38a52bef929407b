import type { Endpoint, WriteSession } from '../connectors/connector.ts'
import { formatAddress } from '../core/address.ts'
import type { ConnectionDefinition, SyncDefinition } from '../core/definition.ts'
import { ConfigError, RunError } from '../core/errors.ts'
import { isPattern } from '../core/family.ts'
import type { Phase } from '../core/run.ts'
import { shellWord } from '../core/shell.ts'
import type { Column, Table, TableRef } from '../core/table.ts'

/** What one run works with while it lasts. */
export interface Work {
  readonly definition: SyncDefinition
  readonly source: Endpoint
  readonly target: Endpoint
  /** A directory of this run, removed afterwards. */
  readonly directory: string
  readonly signal: AbortSignal
  progress(phase: Phase, done: { readonly rows: number; readonly bytes: number; readonly total?: number }): void
}

/** What both ends look like before anything is read. `target` is absent where the table does not exist yet. */
export interface Ends {
  readonly source: Table
  readonly target: Table | undefined
}

/**
 * Describes both ends of a sync.
 * @throws RunError where the source does not exist, or an end cannot do what the sync asks of it.
 */
export async function describeEnds({ definition, source, target }: Work): Promise<Ends> {
  if (!source.reader) throw cannot(definition.from.connection, 'read')
  if (!target.writer) throw cannot(definition.to.connection, 'written')
  const [from, to] = await Promise.all([describeSource(definition, source), target.describe(targetRef(definition))])
  if (to?.kind === 'view' && definition.mode === 'replace') throw cannot(definition.to.connection, `replaced: \`${to.ref.name}\` is a view`)
  // A file without columns, such as an empty array of JSON, holds nothing that could be compared or lost.
  // An API may tell its columns only with its rows.
  const existing = to && (to.open || to.columns.length > 0) ? to : undefined
  if (!from.open || !existing) refuseWithoutColumns(from, definition)
  return { source: from, target: existing }
}

/** The ends once the source is being read: with the columns that turned up only then, and what all cells of the others are. */
export function endsAsRead(ends: Ends, read: readonly Column[]): Ends {
  if (!ends.source.open) return ends
  const described = ends.source.columns.map((column) => read.find(({ name }) => name === column.name) ?? column)
  const more = read.filter(({ name }) => !described.some((column) => column.name === name))
  return { ...ends, source: { ...ends.source, columns: [...described, ...more] } }
}

/** What the target's table looks like now, `undefined` where there is none. */
export async function describeTarget({ definition, target }: Pick<Work, 'definition' | 'target'>): Promise<Table | undefined> {
  return await target.describe(targetRef(definition))
}

export function targetRef({ to }: SyncDefinition): TableRef {
  return reference(to.object, to.options)
}

/** How screens and errors name the two ends. */
export function endNames({ from, to }: SyncDefinition): { readonly from: string; readonly to: string } {
  return {
    from: from.object === undefined ? `${from.connection.name}#(query)` : formatAddress(from.connection, from.object, sheetOf(from)),
    to: formatAddress(to.connection, to.object, sheetOf(to)),
  }
}

/** The sheet of a book, where one is named. */
function sheetOf({ options }: Pick<SyncDefinition['to'], 'options'>): string | undefined {
  return typeof options?.sheet === 'string' ? options.sheet : undefined
}

/** The source's table or query, as it is now. */
export async function describeSource(definition: SyncDefinition, source: Endpoint): Promise<Table> {
  const table = await findSource(definition, source)
  if (table.open) return table
  refuseWithoutColumns(table, definition)
  for (const name of [...(definition.from.select ?? []), ...(definition.from.cursor === undefined ? [] : [definition.from.cursor])]) {
    if (!table.columns.some((column) => column.name === name)) throw columnNotFound(name, table.columns)
  }
  return table
}

/** @throws RunError where a source names no columns: there is nothing that could be compared. */
export function refuseWithoutColumns({ ref, open, columns }: Table, { from }: SyncDefinition): void {
  if (columns.length > 0) return
  const may = open
    ? 'where it may have no rows, name its columns: `columns: { id: bigint }`'
    : 'a file with a header line, or a table, may have no rows'
  throw new RunError({
    code: 'NO_COLUMNS',
    message: `${formatAddress(from.connection, ref.name, sheetOf(from))} is empty: it holds no rows and names no columns`,
    hint: `nothing was changed; ${may}`,
  })
}

/** @throws always: the source has no such column. */
export function columnNotFound(name: string, columns: readonly Column[]): never {
  throw new ConfigError({
    code: 'COLUMN_NOT_FOUND',
    message: `the source has no column \`${name}\``,
    hint: `its columns are ${columns.map((column) => column.name).join(', ')}`,
  })
}

async function findSource({ from }: SyncDefinition, source: Endpoint): Promise<Table> {
  const { query, object, options, connection } = from
  if (query !== undefined) {
    if (!source.describeQuery) throw cannot(connection, 'asked a query')
    return await source.describeQuery(query)
  }
  const ref = reference(object ?? '', options)
  const table = await source.describe(ref)
  if (table) return table
  await refuseMissingPlace(source, ref)
  throw new RunError({
    code: 'TABLE_NOT_FOUND',
    message: `\`${object}\` does not exist in ${connection.name}`,
    hint: isPattern(object ?? '')
      ? 'a pattern stands for many tables where the target holds `{table}`: to: lake#{table}'
      : `see what is there: syncline discover ${shellWord(connection.name)}`,
  })
}

/** Where it is not the table that is missing but the whole file or folder, reading says so. */
async function refuseMissingPlace(source: Endpoint, table: TableRef): Promise<void> {
  await using view = await source.reader?.snapshot()
  try {
    await view?.read({ source: { table } })
  } catch (error) {
    if (!(error instanceof RunError && error.code === 'TABLE_NOT_FOUND')) throw error
  }
}

function reference(name: string, options: TableRef['options']): TableRef {
  return options ? { name, options } : { name }
}

function cannot(connection: ConnectionDefinition, what: string): RunError {
  return new RunError({ code: 'NOT_SUPPORTED', message: `${connection.name} (${connection.type}) cannot be ${what}` })
}

export async function beginWriting({ target, definition }: Work): Promise<WriteSession> {
  if (target.writer) return await target.writer.begin()
  throw new RunError({ code: 'NOT_SUPPORTED', message: `${definition.to.connection.name} cannot be written` })
}
