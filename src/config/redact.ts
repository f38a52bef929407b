import { ConfigError } from '../core/errors.ts'
import type { Redaction } from '../core/redaction.ts'
import type { Path } from './problem.ts'
import type { RedactInput } from './schema.ts'
import { fillSecrets, hasSecrets, type SecretContext } from './secrets.ts'

/** Where the keys of redacted cells are looked up, and where a config says so. */
export interface RedactContext extends SecretContext {
  readonly path: Path
  /** Whether it is said for this sync alone, so that a name that neither side knows is a mistake. */
  readonly strict: boolean
}

/**
 * Columns, and where their cells are to be kept encrypted, the key; it is looked up when it is first needed.
 * @throws ConfigError where the key stands in the config as it is.
 */
export function parseRedact(input: RedactInput, { strict, path, ...context }: RedactContext): Redaction {
  const { columns, key } = typeof input === 'string' || isList(input) ? { columns: input, key: undefined } : input
  if (key !== undefined && !hasSecrets(key))
    throw new ConfigError({
      code: 'BAD_CONFIG',
      message: `${context.place([...path, 'key'])}: redact.key: expected \`\${env:NAME}\` or \`\${file:PATH}\`; found the key itself`,
      hint: 'a key in a config is read by whoever reads the config: put it into an environment variable',
    })
  return {
    columns: typeof columns === 'string' ? [columns] : columns,
    ...(key === undefined ? {} : { key: () => String(fillSecrets(key, [...path, 'key'], context)) }),
    strict,
  }
}

function isList(input: Exclude<RedactInput, string>): input is Extract<RedactInput, readonly string[]> {
  return Array.isArray(input)
}
