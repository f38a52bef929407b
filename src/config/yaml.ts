import { isAlias, isMap, isScalar, isSeq, LineCounter, parse, parseDocument, visit } from 'yaml'
import { ConfigError } from '../core/errors.ts'
import type { Locate, Path, Place } from './problem.ts'

export interface YamlConfig {
  readonly input: unknown
  readonly locate: Locate
}

/**
 * Reads YAML 1.2, keeping positions. Keys are text whatever they look like (`null:`, `2026:`).
 * @param name how messages call the file.
 * @throws ConfigError with file, line and column.
 */
export function readYaml(text: string, name: string): YamlConfig {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true, merge: true })
  const placeOf = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset)
    return { text: `${name}:${line}:${col}`, offset }
  }

  const [error] = document.errors
  if (error) throw badYaml(placeOf(error.pos[0]).text, error.code, error.message)
  visit(document, {
    Alias(_, alias) {
      if (!alias.resolve(document)) throw badYaml(placeOf(rangeOf(alias) ?? 0).text, 'UNKNOWN_ALIAS', '')
    },
  })

  /** One step down a path: where the key stands and what it leads to. */
  const step = (node: unknown, part: string | number): { readonly key: number | undefined; readonly value: unknown } | undefined => {
    const parent = isAlias(node) ? node.resolve(document) : node
    if (isSeq(parent)) return { key: rangeOf(parent.items[Number(part)]), value: parent.items[Number(part)] }
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(part)) : undefined
    return pair && { key: rangeOf(pair.key), value: pair.value }
  }

  /** The offset of what stands at a path, or of the nearest thing above it that exists. */
  const offsetOf = (path: Path, at: 'key' | 'value'): number => {
    let node: unknown = document.contents
    let offset = rangeOf(node) ?? 0
    for (const [depth, part] of path.entries()) {
      const next = step(node, part)
      if (!next) return offset
      offset = (at === 'value' && depth === path.length - 1 ? rangeOf(next.value) : undefined) ?? next.key ?? offset
      node = next.value
    }
    return offset
  }

  return { input: toValue(document.toJS.bind(document), name), locate: (path, at) => placeOf(offsetOf(path, at)) }
}

/** One value on its own; text that is no YAML is taken as it is. */
export function readYamlValue(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return text
  }
}

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined
  return typeof node.range[0] === 'number' ? node.range[0] : undefined
}

function toValue(toJS: (options: { maxAliasCount: number }) => unknown, name: string): unknown {
  try {
    return toJS({ maxAliasCount: 100 }) ?? {}
  } catch (cause) {
    throw new ConfigError({
      code: 'BAD_YAML',
      message: `${name} cannot be read: its aliases grow without end`,
      hint: 'write out what the aliases stand for',
      cause,
    })
  }
}

function badYaml(place: string, code: string, message: string): ConfigError {
  const explained: Readonly<Record<string, readonly [message: string, hint: string]>> = {
    DUPLICATE_KEY: ['this key is there twice in one map', 'keep one of the two'],
    TAB_AS_INDENT: ['a tab indents this line; YAML indents with spaces', 'replace the tab by spaces'],
    UNKNOWN_ALIAS: ['this alias refers to nothing', 'put an &anchor of that name before it'],
    MULTIPLE_DOCS: ['a second document begins; a config is one document', 'remove the line ---'],
  }
  const [text, hint] = explained[code] ?? [message, undefined]
  return new ConfigError({ code: 'BAD_YAML', message: `${place}: ${text}`, ...(hint === undefined ? {} : { hint }) })
}
