import { ConfigError } from '../core/errors.ts'

export type Path = readonly (string | number)[]

/** One thing that is wrong with a config. Never holds a secret: values are shown only where no secret can stand. */
export interface Problem {
  readonly path: Path
  /** Whether the key itself is wrong or what stands under it. */
  readonly at: 'key' | 'value'
  readonly message: string
  readonly hint?: string
}

export interface Place {
  /** For people: `syncline.yaml:12:5`. */
  readonly text: string
  /** Orders the places of one config. */
  readonly offset: number
}

/** Where a part of a config stands. */
export type Locate = (path: Path, at: 'key' | 'value') => Place

const most = 10

/** All problems as one error: a line each, in the order of the file, what to do about it below where there are several. */
export function configError(problems: readonly Problem[], locate: Locate): ConfigError {
  const placed = problems
    .map((problem) => ({ ...problem, place: locate(problem.path, problem.at) }))
    .sort((a, b) => a.place.offset - b.place.offset)
  const [first] = placed
  if (first && placed.length === 1) {
    const hint = first.hint === undefined ? {} : { hint: first.hint }
    return new ConfigError({ code: 'BAD_CONFIG', message: `${first.place.text}: ${first.message}`, ...hint })
  }
  const lines = placed
    .slice(0, most)
    .flatMap(({ place, message, hint }) => [`${place.text}: ${message}`, ...(hint === undefined ? [] : [`    ${hint}`])])
  if (problems.length > most) lines.push(`… and ${problems.length - most} more`)
  return new ConfigError({ code: 'BAD_CONFIG', message: lines.join('\n') })
}

/** A key path as people write it: `syncs.prices.key[0]`. */
export function formatPath(path: Path): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${part}`)).join('')
}
