import type { Pushdown, ReadRequest, Snapshot } from '../connectors/connector.ts'
import type { SyncDefinition } from '../core/definition.ts'
import { ReadAgainError } from '../core/errors.ts'
import type { Rows } from '../core/rows.ts'
import type { Column, Table } from '../core/table.ts'
import type { ConformOptions } from '../stage/stage.ts'
import { targetRef } from './ends.ts'

/** A read, and what of it the endpoint cannot do itself, left to the stage. */
export interface Reading {
  readonly request: ReadRequest
  readonly rest: Pick<ConformOptions, 'where' | 'cursor'>
}

/** @param from the cursor's lower bound, where the sync has a cursor and a watermark. */
export function readSource(definition: SyncDefinition, source: Table, pushdown: ReadonlySet<Pushdown>, from?: string): Reading {
  const { query, object, options, select, cursor } = definition.from
  const predicates = [definition.from.where, definition.scope].filter((predicate) => predicate !== undefined)
  const request = {
    source: query === undefined ? { table: { name: object ?? '', ...(options ? { options } : {}) } } : { query },
    ...(select && pushdown.has('columns') ? { columns: select } : {}),
    ...(cursor !== undefined && from !== undefined && pushdown.has('newer') ? { newer: { column: cursor, from } } : {}),
    ...(cursor !== undefined && pushdown.has('settled') ? { settled: cursor } : {}),
  }
  // A predicate on text of unknown type waits until the cells have the target's types.
  const typed = !source.columns.some((column) => column.untyped)
  const bounded = cursor !== undefined && from !== undefined ? { cursor: { column: cursor, from } } : {}
  return split(request, predicates, bounded, typed ? pushdown : new Set())
}

/** The target's rows that a sync is about: those in its scope, from `from` on where only a window of the cursor counts. */
export function readTarget(
  definition: SyncDefinition,
  columns: readonly Column[],
  pushdown: ReadonlySet<Pushdown>,
  window?: { readonly column: string; readonly from: string },
): Reading {
  const request = {
    source: { table: targetRef(definition) },
    ...(pushdown.has('columns') ? { columns: columns.map((column) => column.name) } : {}),
  }
  const predicates = definition.scope === undefined ? [] : [definition.scope]
  return split(request, predicates, window ? { cursor: window } : {}, pushdown)
}

function split(
  request: ReadRequest,
  predicates: readonly string[],
  bounded: Pick<ReadRequest, 'cursor'>,
  pushdown: ReadonlySet<Pushdown>,
): Reading {
  const where = predicates.length === 0 ? {} : { where: predicates.map((predicate) => `(${predicate})`).join(' AND ') }
  const pushed = { ...(pushdown.has('where') ? where : {}), ...(pushdown.has('cursor') ? bounded : {}) }
  const rest = { ...(pushdown.has('where') ? {} : where), ...(pushdown.has('cursor') ? {} : bounded) }
  return { request: { ...request, ...pushed }, rest }
}

/** Reads anew as often as the reader finds out more about its columns. */
export async function readUntilKnown<Result>(read: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof ReadAgainError)) throw error
    }
  }
}

/** Rows of many small reads by key, one after the other, as if they were one. */
export async function readByKeys(
  view: Snapshot,
  request: ReadRequest,
  columns: readonly string[],
  keys: () => AsyncIterable<readonly (readonly string[])[]>,
  shape: readonly Column[],
): Promise<Rows> {
  const parts = async function* () {
    for await (const values of keys()) yield await view.read({ ...request, keys: { columns, values } })
  }
  const sample = await view.read({ ...request, keys: { columns, values: [] } })
  return {
    columns: shape,
    ...(sample.csv
      ? {
          csv: () => [
            (async function* () {
              for await (const rows of parts()) for (const stream of rows.csv?.(1) ?? []) yield* stream
            })(),
          ],
        }
      : {}),
    ...(sample.batches
      ? {
          batches: async function* () {
            for await (const rows of parts()) if (rows.batches) yield* rows.batches()
          },
        }
      : {}),
  }
}
