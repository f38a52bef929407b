/** A number of JSON as it was written: digits that a JavaScript number cannot hold stay. */
export interface JsonNumber {
  readonly rawJSON: string
}

export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

/** What ECMA-262 has since its proposal "JSON.parse source text access", which TypeScript's libraries do not know yet. */
const exact = JSON as unknown as {
  parse(text: string, reviver: (name: string, value: unknown, context: { readonly source?: string }) => unknown): Json
  rawJSON(text: string): JsonNumber
  isRawJSON(value: unknown): value is JsonNumber
}

/** @throws SyntaxError where it is no JSON. */
export function parseExact(text: string): Json {
  return exact.parse(text, (_name, value, { source }) =>
    typeof value === 'number' && source !== undefined ? exact.rawJSON(source) : value,
  )
}

/** The inverse of {@link parseExact}, numbers as they were written. */
export function formatExact(value: Json): string {
  return JSON.stringify(value)
}

export function jsonNumber(value: number): JsonNumber {
  return exact.rawJSON(String(value))
}

export function isJsonNumber(value: Json): value is JsonNumber {
  return exact.isRawJSON(value)
}

export function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !exact.isRawJSON(value)
}

export function isJsonArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** A text or number as text; `undefined` where it is something else. */
export function scalarText(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value
  return value !== undefined && isJsonNumber(value) ? value.rawJSON : undefined
}
