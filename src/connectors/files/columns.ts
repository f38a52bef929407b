import { ConfigError, type RunError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { malformed } from './file-errors.ts'
import type { FileOptions } from './options.ts'

/** @throws RunError where two names are equal, or differ in case only, which the stage cannot tell apart. */
export function checkNames(file: string, names: readonly string[]): readonly string[] {
  const seen = new Map<string, number>()
  for (const [index, name] of names.entries()) {
    const before = seen.get(name.toLowerCase())
    if (before !== undefined) throw duplicateName(file, names, before, index)
    seen.set(name.toLowerCase(), index)
  }
  return names
}

/** @throws ConfigError where `columns:` types a column that the file does not have. */
export function checkTyped(file: string, names: readonly string[], { columns }: FileOptions): void {
  const unknown = Object.keys(columns).find((name) => !names.includes(name))
  if (unknown === undefined || names.length === 0) return
  const near = nearest(unknown, names)
  throw new ConfigError({
    code: 'UNKNOWN_COLUMN',
    message: `\`columns.${unknown}\`: ${file} has no such column`,
    hint: near ? `did you mean \`${near}\`?` : `its columns are ${names.join(', ')}`,
  })
}

function duplicateName(file: string, names: readonly string[], first: number, second: number): RunError {
  const [a, b] = [names[first], names[second]]
  const places = `columns ${first + 1} and ${second + 1}`
  const found = a === b ? `${places} are both named \`${a}\`` : `${places}, \`${a}\` and \`${b}\`, differ in case only`
  return malformed({ file }, `expected every column to have a name of its own: ${found}`, 'rename one of them in the file')
}
