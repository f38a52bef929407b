import { silentLogger } from '../../core/logger.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import type { Endpoint } from '../connector.ts'
import { mysql } from './mysql.ts'

export async function openMysql(input: Readonly<Record<string, unknown>>, signal = new AbortController().signal): Promise<Endpoint> {
  return await mysql.open(mysql.parseOptions(input), {
    connection: 'shop',
    baseDirectory: '.',
    temporaryDirectory: '.',
    signal,
    logger: silentLogger,
  })
}

/** Rows of CSV in the profile of `core/rows.ts`. */
export function csvRows(columns: readonly Column[], text: string): Rows & { readonly count: number } {
  const count = text === '' ? 0 : text.replace(/\n$/, '').split('\n').length
  return {
    columns,
    count,
    csv: () => [
      (async function* () {
        yield Buffer.from(text)
      })(),
    ],
  }
}

/** What a table's rows are as CSV. */
export async function csvOf(endpoint: Endpoint, name: string): Promise<string> {
  await using view = await endpoint.reader?.snapshot()
  const rows = await view?.read({ source: { table: { name } } })
  return await textOf(rows?.csv?.(1)[0])
}

export async function textOf(chunks: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks ?? []) parts.push(Buffer.from(chunk))
  return Buffer.concat(parts).toString()
}

/** The error that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
