import type { AddressContext } from '../config/addresses.ts'
import type { SyncDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import { belongsTo } from '../core/family.ts'
import type { RunResult } from '../core/run.ts'
import type { Services } from '../sync/services.ts'
import { adhocSync } from './adhoc.ts'
import { selectSyncs } from './selection.ts'
import { tablesOf } from './tables.ts'

/**
 * The sync that a run was of, as the config has it now, or as its two addresses make it where it came from a command line.
 * @throws ConfigError where there is none any more.
 */
export async function syncOf(
  { sync, mode, details }: RunResult,
  configured: readonly SyncDefinition[],
  services: Services,
  addresses: AddressContext,
): Promise<SyncDefinition> {
  if (configured.some(({ name }) => belongsTo(sync, name))) {
    const [named] = selectSyncs(configured, { syncs: [sync] })
    const found = named && (await tablesOf(services, named)).find(({ name }) => name === sync)
    if (found) return found
  } else if (sync === `${details.from} to ${details.to}`) {
    return adhocSync({ from: details.from, to: details.to, mode, key: details.key }, addresses)
  }
  throw new ConfigError({
    code: 'UNKNOWN_SYNC',
    message: `\`${sync}\`, of which this run was, is not in the config any more`,
    hint: 'put it back, so that its connections are known',
  })
}
