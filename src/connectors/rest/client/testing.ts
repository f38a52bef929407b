import { tmpdir } from 'node:os'
import { silentLogger } from '../../../core/logger.ts'
import type { Context } from '../../connector.ts'
import type { RestClient } from './client.ts'
import { openRestClient } from './open-client.ts'
import { parseRestOptions } from './options.ts'

/** A client as a run would open it, for tests. Waits are short, so that retries are quick. */
export async function openTestClient(options: Readonly<Record<string, unknown>>, context: Partial<Context> = {}): Promise<RestClient> {
  const parsed = parseRestOptions({ retries: { times: 3, wait: '5 ms' }, ...options })
  const directory = tmpdir()
  const { signal } = new AbortController()
  return await openRestClient(parsed, {
    connection: 'crm',
    baseDirectory: directory,
    temporaryDirectory: directory,
    signal,
    logger: silentLogger,
    ...context,
  })
}
