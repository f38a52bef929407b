import type { Address } from '../config/addresses.ts'
import type { Endpoint } from '../connectors/connector.ts'
import type { Table, TableRef } from '../core/table.ts'
import { refuseMissing, refuseMissingTarget } from './missing.ts'

export type Discovery = { readonly objects: readonly string[] } | { readonly table: Table }

/** The objects of an endpoint that a pattern matches; of a single one its columns, types and key. */
export async function discoverIn(endpoint: Endpoint, address: Address, pattern: string | undefined, directory: string): Promise<Discovery> {
  const wanted = pattern ?? address.object
  const table = wanted === undefined ? undefined : await describeNamed(endpoint, address, wanted)
  if (table) return { table }
  const objects = (await endpoint.listTables(wanted)).map((ref) => ref.name)
  const [only] = objects
  if (only === undefined) await refuseMissing(address.connection, wanted, endpoint, directory)
  if (wanted === undefined || only === undefined || objects.length > 1) return { objects }
  const found = await endpoint.describe({ name: only })
  return found ? { table: found } : { objects }
}

/** An address may name a sheet, too; then it is meant to be there. */
async function describeNamed(endpoint: Endpoint, { connection, object, sheet }: Address, wanted: string): Promise<Table | undefined> {
  if (sheet === undefined || wanted !== object) return await endpoint.describe({ name: wanted })
  const ref: TableRef = { name: wanted, options: { sheet } }
  await refuseMissingTarget({ connection, object, options: { sheet } }, endpoint)
  return await endpoint.describe(ref)
}
