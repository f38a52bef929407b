import type { SyncDefinition } from '../../core/definition.ts'
import { ConfigError } from '../../core/errors.ts'
import { checkSync, lacksKey } from '../check-sync.ts'
import type { Ends, Work } from '../ends.ts'
import { expandFamily } from './expand.ts'

/**
 * What a run of a family would find before it reads a row: the ends of every table.
 * @throws ConfigError (`NO_KEY`) naming all tables that need a key and have none, else what the run of a table would throw.
 */
export async function checkFamily(work: Work): Promise<readonly Ends[]> {
  const { definition, source, target } = work
  const members = await expandFamily(definition, source, target)
  const keyless: string[] = []
  const checked = await Promise.all(
    members.map(async (member) => {
      try {
        return [await checkSync({ ...work, definition: member })]
      } catch (error) {
        if (!lacksKey(error)) throw error
        keyless.push(member.from.object ?? member.name)
        return []
      }
    }),
  )
  if (keyless.length > 0) throw withoutKeys(definition, keyless.sort())
  return checked.flat()
}

function withoutKeys({ name }: SyncDefinition, tables: readonly string[]): ConfigError {
  const [first = ''] = tables
  const listed = tables.map((table) => JSON.stringify(table)).join(', ')
  return new ConfigError({
    code: 'NO_KEY',
    message: `\`${name}\`: mirror and upsert need a key, and neither side has a primary key that both know of ${tables.join(', ')}`,
    hint: `name the columns that tell rows apart: \`tables: { ${JSON.stringify(first)}: { key: … } }\`; or leave out what has none: \`exclude: [${listed}]\``,
  })
}
