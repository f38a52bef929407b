import type { Endpoint } from '../connector.ts'
import { testContext, textOf } from '../sql/testing.ts'
import { mysql } from './mysql.ts'

export async function openMysql(input: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<Endpoint> {
  return await mysql.open(mysql.parseOptions(input), testContext(signal))
}

/** What a table's rows are as CSV. */
export async function csvOf(endpoint: Endpoint, name: string): Promise<string> {
  await using view = await endpoint.reader?.snapshot()
  const rows = await view?.read({ source: { table: { name } } })
  return await textOf(rows?.csv?.(1)[0])
}
