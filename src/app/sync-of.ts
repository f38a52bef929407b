import type { AddressContext } from '../config/addresses.ts'
import type { SyncDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import { belongsTo } from '../core/family.ts'
import type { RunResult } from '../core/run.ts'
import type { Services } from '../sync/services.ts'
import { adhocSync } from './adhoc.ts'
import { tablesOf } from './tables.ts'

/** The sync that a run was of. */
export interface SyncOfRun {
  readonly table: SyncDefinition
  /** Where it is one of many tables: the sync that stands for them, and all of them. */
  readonly all?: SyncDefinition
  readonly tables: readonly SyncDefinition[]
}

/**
 * As the config has it now, or as its two addresses make it where it came from a command line.
 * @throws ConfigError where there is none any more.
 */
export async function syncOf(
  { sync, mode, details }: RunResult,
  configured: readonly SyncDefinition[],
  services: Services,
  addresses: AddressContext,
): Promise<SyncOfRun> {
  const named = configured.find(({ name }) => belongsTo(sync, name)) ?? adhocOf({ sync, mode, details }, addresses)
  const tables = named ? await tablesOf(services, named) : []
  const table = tables.find(({ name }) => name === sync)
  if (table) return { table, tables, ...(named?.family ? { all: named } : {}) }
  throw new ConfigError({
    code: 'UNKNOWN_SYNC',
    message: `\`${sync}\`, of which this run was, is not in the config any more`,
    hint: 'put it back, so that its connections are known',
  })
}

function adhocOf(
  { sync, mode, details }: Pick<RunResult, 'sync' | 'mode' | 'details'>,
  addresses: AddressContext,
): SyncDefinition | undefined {
  if (sync !== `${details.from} to ${details.to}`) return undefined
  return adhocSync({ from: details.from, to: details.to, mode, key: details.key }, addresses)
}
