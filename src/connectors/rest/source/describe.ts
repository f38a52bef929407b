import type { Table, TableRef } from '../../../core/table.ts'
import { subject } from '../client/errors.ts'
import type { SeenColumn } from './column-set.ts'
import { download } from './download.ts'
import type { Origin } from './origin.ts'
import { parseSourceOptions } from './source-options.ts'

export interface DescribedResource {
  readonly table: Table
  readonly seen: readonly SeenColumn[]
}

/** A resource by what its first page shows; more columns may turn up when all of it is read. */
export async function describeResource(origin: Origin, ref: TableRef): Promise<DescribedResource> {
  const source = parseSourceOptions(ref.name, ref.options)
  await using sample = await download(origin, { source, params: {}, limit: undefined, isSample: true, seen: [] })
  const columns = sample.columns.columns(subject(origin.client.asked({ method: source.method, path: ref.name })))
  return { table: { ref, kind: 'table', columns, key: [], uniques: [], open: true }, seen: sample.columns.seen }
}
