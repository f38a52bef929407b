import { silentLogger } from '../../core/logger.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import type { Context } from '../connector.ts'

/** What tests open an endpoint with, files aside. */
export function testContext(signal = new AbortController().signal): Context {
  return { connection: 'shop', baseDirectory: '.', temporaryDirectory: '.', signal, logger: silentLogger }
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
