import { isPath } from '../core/address.ts'
import type { ConnectionDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import { didYouMean } from '../core/nearest.ts'
import { lazily } from './lazily.ts'
import { namePattern } from './names.ts'
import { pathTarget } from './paths.ts'
import { fillSecrets, hasSecrets } from './secrets.ts'
import { isUrl, isWebUrl, urlTarget, withoutPassword } from './urls.ts'
import { withZone } from './zones.ts'

/** Where the names and relative paths of an address are looked up. */
export interface AddressContext {
  readonly connections: ReadonlyMap<string, ConnectionDefinition>
  /** Relative paths begin here: the folder of the config, or the working directory (rule 22). */
  readonly directory: string
}

export interface Address {
  readonly connection: ConnectionDefinition
  /** Absent where the text names a connection alone. */
  readonly object?: string
  /** What follows the object after another `#`. */
  readonly sheet?: string
}

/**
 * Reads `connection#object`, `url#object` or a path (rule 21).
 * @throws ConfigError where the connection is not known or the text is no address.
 */
export function parseAddress(text: string, context: AddressContext): Address {
  const [head = '', ...names] = text.split('#')
  if (names.length > 2 || names.some((name) => name === '')) throw badAddress(text)
  const place = parseConnection(head, context)
  // What is to be had at a URL of the web has no other name.
  if (place.object === undefined) return withNames(place.connection, names.length === 0 && isWebUrl(head) ? ['/'] : names)
  if (names.length > 1) throw badAddress(text)
  return withNames(place.connection, [place.object, ...names])
}

/** Reads the part of an address before the first `#`; a path to a file has that file for its object. */
export function parseConnection(text: string, context: AddressContext): Address {
  if (isPath(text)) return pathAddress(text, context)
  if (isUrl(text)) return urlAddress(text, context)
  const connection = context.connections.get(text)
  if (!connection) throw namePattern.test(text) ? unknownConnection(text, context) : badAddress(text)
  return { connection }
}

function withNames(connection: ConnectionDefinition, [object, sheet]: readonly string[]): Address {
  return { connection, ...(object === undefined ? {} : { object }), ...(sheet === undefined ? {} : { sheet }) }
}

function pathAddress(text: string, { directory }: AddressContext): Address {
  const target = pathTarget(text, directory)
  if (target.kind === 'database') return { connection: { name: text, type: target.type, options: { path: target.path } } }
  const connection = { name: target.name, type: 'files', options: { path: target.path } }
  return target.kind === 'folder' ? { connection } : { connection, object: target.file }
}

function urlAddress(url: string, context: AddressContext): Address {
  const target = urlTarget(url)
  if (target.kind === 'url') return { connection: urlConnection(target.url, target.type, context) }
  if (target.type === 'files') return pathAddress(isPath(target.path) ? target.path : `./${target.path}`, context)
  const path = pathTarget(isPath(target.path) ? target.path : `./${target.path}`, context.directory)
  const file = path.kind === 'file' ? `${path.path}/${path.file}` : path.path
  return { connection: { name: url, type: target.type, options: { path: file } } }
}

function urlConnection(url: string, type: string, { directory }: AddressContext): ConnectionDefinition {
  const name = withoutPassword(url)
  if (!hasSecrets(url)) return withZone({ name, type, options: { url } })
  return lazily(name, () => withZone({ name, type, options: { url: fillSecrets(url, [], { directory, place: () => name }) } }), type)
}

function unknownConnection(name: string, { connections }: AddressContext): ConfigError {
  const meant = didYouMean(name, connections.keys())
  const known = connections.size === 0 ? 'the config has no connections' : `connections are ${[...connections.keys()].join(', ')}`
  return new ConfigError({
    code: 'UNKNOWN_CONNECTION',
    message: `there is no connection \`${name}\`; ${known}`,
    hint: meant ?? 'a path begins with ./ or /, a URL with its scheme',
  })
}

function badAddress(text: string): ConfigError {
  const isFile = /^[\w.-]+([\\/][\w.*-]+)*$/.test(text) && /[./\\]/.test(text)
  if (text.startsWith('${')) {
    const hint = 'declare it under `connections`, then write NAME#object'
    return new ConfigError({ code: 'BAD_ADDRESS', message: 'an address cannot begin with a reference to a secret', hint })
  }
  return new ConfigError({
    code: 'BAD_ADDRESS',
    message: `\`${text.replace(/:\/\/.*@/s, '://…@')}\` is not an address: expected connection#object, URL#object or a path`,
    hint: isFile
      ? `a path begins with ./: write ./${text}`
      : 'where a name holds a #, write { connection, object } in place of the address',
  })
}
