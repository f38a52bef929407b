import { isPath } from '../core/address.ts'
import type { ConnectionDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import { parseConnection } from './addresses.ts'
import { lazily } from './lazily.ts'
import type { Path } from './problem.ts'
import type { ConnectionInput } from './schema.ts'
import { fillSecrets, hasSecrets, type SecretContext } from './secrets.ts'
import { isUrl } from './urls.ts'
import { checkZone, withZone } from './zones.ts'

/**
 * A connection as its config declares it: a URL, a path or a map with `type`. What secrets refer to is looked up when
 * `type` or `options` are first read, so that a connection that is not in use asks for none.
 * @throws ConfigError, then, where a secret is missing.
 */
export function declareConnection(name: string, input: ConnectionInput, context: SecretContext): ConnectionDefinition {
  const path: Path = ['connections', name]
  const define = (filled: unknown) => defineFilled(name, filled, path, context)
  // A zone is no secret: what is wrong with it is said before anything is looked up.
  if (typeof input !== 'string' && input.zone !== undefined && !hasSecrets(input.zone))
    placed(context.place([...path, 'zone']), () => checkZone(input.zone, `connections.${name}`))
  if (!hasSecrets(input)) return define(input)
  if (typeof input !== 'string' && !hasSecrets(input.type)) return lazily(name, () => define(fillSecrets(input, path, context)), input.type)
  return lazily(name, () => define(fillSecrets(input, path, context)))
}

function defineFilled(name: string, input: unknown, path: Path, { directory, place }: SecretContext): ConnectionDefinition {
  if (typeof input !== 'string') return placed(place([...path, 'zone']), () => withZone(fromMap(name, input)))
  if (!isPath(input) && !isUrl(input)) {
    throw new ConfigError({
      code: 'BAD_CONFIG',
      message: `${place(path)}: connections.${name}: expected a URL, a path, or a map with \`type\`; found another text`,
      hint: 'a path begins with ./ or /, a URL with its scheme',
    })
  }
  const { connection, object } = placed(place(path), () => parseConnection(input, { connections: new Map(), directory }))
  if (object === undefined) return { ...connection, name }
  throw new ConfigError({
    code: 'BAD_CONFIG',
    message: `${place(path)}: connections.${name} leads to a file; expected the folder that holds it`,
    hint: `leave the file out, then name it in addresses: ${name}#${object}`,
  })
}

function fromMap(name: string, input: unknown): ConnectionDefinition {
  const { type, ...options } = { ...(input as Readonly<Record<string, unknown>>) }
  return { name, type: String(type), options }
}

/** Adds the place to errors that know none. */
function placed<T>(place: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const { code, message, hint, cause } = error
    throw new ConfigError({ code, message: `${place}: ${message}`, ...(hint === undefined ? {} : { hint }), cause })
  }
}
