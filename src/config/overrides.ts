import { ConfigError } from '../core/errors.ts'
import { parseName } from '../core/names.ts'
import type { Locate, Path, Place } from './problem.ts'

export interface Overridden {
  readonly input: unknown
  readonly locate: Locate
}

/**
 * Puts the values of `--set KEY=VALUE` into a config. A key is a dotted path (`syncs.prices.mode`), a value is YAML. What
 * was set so is found at `--set KEY` in messages.
 * @throws ConfigError (`BAD_SET`) where the text is no assignment or its path leads through something that is no map.
 */
export async function override(input: unknown, locate: Locate, set: readonly string[]): Promise<Overridden> {
  if (set.length === 0) return { input, locate }
  const { readYamlValue } = await import('./yaml.ts')
  let result = input
  const places = new Map<string, Place>()
  for (const assignment of set) {
    const [, key = '', text = ''] = /^([^=]+)=(.*)$/s.exec(assignment) ?? []
    if (key === '') throw badSet('expected KEY=VALUE', 'write --set syncs.NAME.mode=upsert')
    const path = parseName(key)
    result = assign(result, path, readYamlValue(text), key)
    places.set(path.join('\0'), { text: `--set ${key}`, offset: Number.MAX_SAFE_INTEGER })
  }
  return { input: result, locate: (path, at) => placeOf(path, places) ?? locate(path, at) }
}

function assign(input: unknown, [part = '', ...rest]: readonly string[], value: unknown, key: string): unknown {
  if (input !== undefined && (typeof input !== 'object' || input === null || Array.isArray(input))) {
    throw badSet(`--set ${key}: what stands above \`${part}\` is no map`, 'set the whole of it, or write its long form in the config')
  }
  const map: Readonly<Record<string, unknown>> = { ...input }
  return { ...map, [part]: rest.length === 0 ? value : assign(Object.hasOwn(map, part) ? map[part] : undefined, rest, value, key) }
}

function placeOf(path: Path, places: ReadonlyMap<string, Place>): Place | undefined {
  for (let length = path.length; length > 0; length--) {
    const place = places.get(path.slice(0, length).join('\0'))
    if (place !== undefined) return place
  }
  return undefined
}

function badSet(message: string, hint: string): ConfigError {
  return new ConfigError({ code: 'BAD_SET', message, hint })
}
