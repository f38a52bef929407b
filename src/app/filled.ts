import type { Config } from '../config/config.ts'
import { formatAddress } from '../core/address.ts'
import type { TargetDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import { withEndpoint } from './endpoints.ts'

/**
 * What is there already is not overwritten by a guess (rule 23).
 * @throws ConfigError (`MODE_NEEDED`) where the target exists and holds rows.
 */
export async function refuseFilled({ connection, object, options }: TargetDefinition, config: Config): Promise<void> {
  const ref = { name: object, ...(options ? { options } : {}) }
  const filled = await withEndpoint(connection, config, async (endpoint) => {
    if (!(await endpoint.describe(ref)) || !endpoint.reader) return false
    await using view = await endpoint.reader.snapshot()
    return (await view.count({ source: { table: ref } })) > 0
  })
  if (!filled) return
  throw new ConfigError({
    code: 'MODE_NEEDED',
    message: `${formatAddress(connection, object)} exists and holds rows; say what shall become of them`,
    hint: '--mode replace (exactly these rows), append (add these), upsert (insert or update by key) or mirror (insert, update and delete)',
  })
}
