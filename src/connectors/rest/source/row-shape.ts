import { formatExact, isJsonArray, isJsonObject, type Json, type JsonObject, jsonNumber } from './exact-json.ts'
import { PageError } from './page-reader.ts'
import type { SourceOptions, SplitOptions } from './source-options.ts'
import type { ValuePath } from './value-path.ts'

/** Turns a row of a page into the rows that are delivered: split, with what it carries of its parent, flattened. */
export function shapeRow(
  row: JsonObject,
  { split, flatten }: Pick<SourceOptions, 'split' | 'flatten'>,
  carried: JsonObject,
): readonly JsonObject[] {
  const parts = split ? splitRow(row, split) : [row]
  const whole = parts.map((part) => joined(carried, part))
  return flatten === undefined ? whole : whole.map((part) => flattened(part, flatten))
}

/** Fields of a row under other names. @throws PageError where one is missing: a child without its parent's key belongs to nobody. */
export function carriedOf(row: JsonObject, carry: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(carry).map(([field, column]) => {
      const value = Object.hasOwn(row, field) ? row[field] : undefined
      if (value === undefined) throw new PageError(`expected the field \`${field}\` in every row, found none`, { hint: 'check `carry`' })
      return [column, value]
    }),
  )
}

function splitRow(row: JsonObject, { at, carry, position }: SplitOptions): readonly JsonObject[] {
  const carried = carriedOf(row, carry)
  return elementsAt(row, at.steps).map((element, index) => {
    const number: JsonObject = { [position]: jsonNumber(index + 1) }
    return joined(joined(carried, number), isJsonObject(element) ? element : { value: element })
  })
}

/** No array and a NULL in its place have no elements; one element that XML has no array for is one. */
function elementsAt(value: Json | undefined, [step, ...rest]: ValuePath['steps']): readonly Json[] {
  if (value === undefined || value === null) return []
  if (!step) {
    if (isJsonArray(value)) return value
    if (isJsonObject(value)) return [value]
    throw new PageError('expected an array to split, found a single value', { hint: 'check `split.at`' })
  }
  if (step.kind === 'each') return isJsonArray(value) ? value.flatMap((one) => elementsAt(one, rest)) : elementsAt(value, rest)
  return isJsonObject(value) && Object.hasOwn(value, step.name) ? elementsAt(value[step.name], rest) : []
}

/** @throws PageError where both have a name with different values. */
function joined(first: JsonObject, second: JsonObject): JsonObject {
  for (const [name, value] of Object.entries(first)) {
    const other = Object.hasOwn(second, name) ? second[name] : undefined
    if (other === undefined || formatExact(other) === formatExact(value)) continue
    throw new PageError(`the column \`${name}\` is there already, with another value`, {
      code: 'COLUMN_TWICE',
      hint: 'choose another name in `carry` or `split.position`',
    })
  }
  return { ...first, ...second }
}

function flattened(row: JsonObject, separator: string): JsonObject {
  const members = new Map<string, Json>()
  const walk = (object: JsonObject, prefix: string) => {
    for (const [name, value] of Object.entries(object)) {
      const path = `${prefix}${name}`
      if (isJsonObject(value)) walk(value, `${path}${separator}`)
      else if (members.has(path)) throw flattenedTwice(path)
      else members.set(path, value)
    }
  }
  walk(row, '')
  return Object.fromEntries(members)
}

function flattenedTwice(name: string): PageError {
  return new PageError(`two fields of a row become the column \`${name}\``, {
    code: 'COLUMN_TWICE',
    hint: 'say another separator: `flatten: "__"`',
  })
}
