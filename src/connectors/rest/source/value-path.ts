import { ConfigError } from '../../../core/errors.ts'

export type PathStep = { readonly kind: 'member'; readonly name: string } | { readonly kind: 'each' }

/**
 * Where something lies in a document: the part of JSONPath (RFC 9535) that is a plain way down. `$` is the document,
 * `.name`, `['name']` and `["name"]` a member of an object, `[*]` every element of an array.
 */
export interface ValuePath {
  readonly text: string
  readonly steps: readonly PathStep[]
}

export const wholeDocument: ValuePath = { text: '$', steps: [] }

/** @throws ConfigError naming the option where the text is no such path. */
export function parsePath(option: string, text: unknown): ValuePath {
  if (typeof text !== 'string' || !text.startsWith('$')) throw badPath(option)
  const step = /\.([^.[\]'"*\s]+)|\[\*\]|\['([^']*)'\]|\["([^"]*)"\]/y
  const steps: PathStep[] = []
  step.lastIndex = 1
  while (step.lastIndex < text.length) {
    const match = step.exec(text)
    if (!match) throw badPath(option)
    const name = match[1] ?? match[2] ?? match[3]
    steps.push(name === undefined ? { kind: 'each' } : { kind: 'member', name })
  }
  return { text, steps }
}

/** A path to one value. @throws ConfigError as {@link parsePath}, and where `[*]` stands in it. */
export function parseSinglePath(option: string, text: unknown): ValuePath {
  const path = parsePath(option, text)
  if (path.steps.length > 0 && path.steps.every(({ kind }) => kind === 'member')) return path
  throw badPath(option, 'to one value, such as $.next or $.meta.total')
}

function badPath(option: string, expected = 'such as $.items or $.data[*].attributes'): ConfigError {
  return new ConfigError({
    code: 'BAD_OPTION',
    message: `\`${option}\`: expected a path ${expected}`,
    hint: "$ is the document, .name or ['name'] a member, [*] every element of an array; filters and indexes are not known",
  })
}
