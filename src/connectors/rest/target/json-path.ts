import { formatExact, isJsonObject, type Json, parseExact } from '../source/exact-json.ts'
import type { ValuePath } from '../source/value-path.ts'

/** What stands at a path in a document, `undefined` where nothing does. */
export function findIn(document: Json | undefined, { steps }: ValuePath): Json | undefined {
  let found = document
  for (const step of steps) {
    if (step.kind === 'each' || found === undefined || !isJsonObject(found) || !Object.hasOwn(found, step.name)) return undefined
    found = found[step.name]
  }
  return found
}

/** `undefined` where a text is no JSON: an API may say that it is well in other words. */
export function documentOf(text: string): Json | undefined {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}

/** A document without the space between its parts, every text spelled in one way, every digit kept; `null` where it is none. */
export function normalJson(text: string): string | null {
  const document = documentOf(text)
  return document === undefined ? null : formatExact(document)
}
