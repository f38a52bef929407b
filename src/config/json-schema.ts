import { toJSONSchema } from 'zod/v4/core'
import { configSchema } from './schema.ts'

/** The JSON Schema of a config, by which editors complete and check YAML. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = toJSONSchema(configSchema, { target: 'draft-7', io: 'input' })
  return { $schema, title: 'Syncline config', description: 'What Syncline keeps in step: connections and syncs.', ...schema }
}
