import type { $ZodIssue, $ZodRawIssue } from 'zod/v4/core'
import { didYouMean } from '../core/nearest.ts'
import { formatPath, type Path, type Problem } from './problem.ts'
import { type ConfigInput, configSchema, notYet, targetKeys } from './schema.ts'

export type Validated = { readonly config: ConfigInput } | { readonly problems: readonly Problem[] }

/** Checks the shape of a config: keys, types, words. What it means is checked when it is resolved. */
export function validate(input: unknown): Validated {
  const result = configSchema.safeParse(input, { error: expectation, jitless: true })
  if (result.success) return { config: result.data }
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, [], input))
  // One value may fail several checks of one schema: its type and its length.
  return { problems: [...new Map(problems.map((problem) => [problem.message, problem])).values()] }
}

/** The message of an issue is what was expected; of unknown keys, the keys that exist. */
function expectation(issue: $ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') return shapeKeys(issue.inst).join(' ')
  if (issue.code === 'too_small' && issue.origin === 'number') return `at least ${issue.minimum}`
  return issue.code === 'invalid_type' ? (kinds[issue.expected] ?? 'a map') : undefined
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
}

function shapeKeys(schema: $ZodRawIssue['inst']): readonly string[] {
  const definition: object | undefined = schema?._zod?.def
  return definition && 'shape' in definition ? Object.keys(definition.shape ?? {}) : []
}

function problemsOf(issue: $ZodIssue, prefix: Path, input: unknown): readonly Problem[] {
  const path = [...prefix, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], key, issue.message.split(' ')))
  if (issue.code === 'invalid_key') return [badName(path)]
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((branch) => !branch.some(isWrongKind))
    if (meant) return meant.flatMap((inner) => problemsOf(inner, path, input))
  }
  return [unexpected(path, issue.message, valueAt(input, path))]
}

/** Whether a branch of a union was not meant at all: a text where a map stands, another word. */
function isWrongKind(issue: $ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_union' || issue.code === 'invalid_value')
}

function unknownKey(path: Path, key: string, known: readonly string[]): Problem {
  if (notYet.has(key)) {
    return { path, at: 'key', message: `${formatPath(path)} is not supported yet`, hint: `leave \`${key}\` out: it would have no effect` }
  }
  const place = path.length === 1 ? 'at the top of a config' : `in ${formatPath(path.slice(0, -1))}`
  const isOfTarget = path.at(-2) === 'from' && targetKeys.includes(key)
  const hint = isOfTarget ? `\`${key}\` is for what is written: it stands under \`to\`` : didYouMean(key, known)
  return {
    path,
    at: 'key',
    message: `unknown key \`${key}\` ${place}; known keys are ${known.filter((k) => k !== '$schema').join(', ')}`,
    ...(hint === undefined ? {} : { hint }),
  }
}

function badName(path: Path): Problem {
  return {
    path,
    at: 'key',
    message: `\`${String(path.at(-1))}\` is not a name; expected letters, digits, \`_\` and \`-\`, beginning with a letter or \`_\``,
  }
}

function unexpected(path: Path, expected: string, value: unknown): Problem {
  const where = formatPath(path) || 'the config'
  if (value === undefined) return { path, at: 'value', message: `${where} is missing; expected ${expected}` }
  if (typeof value === 'string' && notYet.has(value)) return { path, at: 'value', message: `${where}: \`${value}\` is not supported yet` }
  const hint = typeof value === 'string' && expected.startsWith('one of ') ? didYouMean(value, expected.slice(7).split(', ')) : undefined
  return {
    path,
    at: 'value',
    message: `${where}: expected ${expected}; found ${found(value, path)}`,
    ...(hint === undefined ? {} : { hint }),
  }
}

/** What stands there: a plain word or number as it is, anything that might be a secret or a row's value by its kind alone. */
function found(value: unknown, path: Path): string {
  const open = path[0] !== 'connections' || path.at(-1) === 'type'
  if (value === null) return 'nothing'
  if (value === '') return 'an empty text'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value === 'string') return open && /^[\w .%-]{1,40}$/.test(value) ? `\`${value}\`` : 'a text'
  if (typeof value === 'number' || typeof value === 'boolean') return open ? `\`${value}\`` : `a ${typeof value}`
  return `a ${typeof value}`
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}
