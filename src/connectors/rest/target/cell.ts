import { canonicalText } from '../../../core/canonical.ts'
import type { Column } from '../../../core/table.ts'
import type { Value } from '../../../core/value.ts'

/** How numbers are written: as JSON numbers with every digit, or those that JavaScript would round as texts. */
export type Numbers = 'exact' | 'text'

/**
 * A cell as JSON: numbers with every digit, documents nested, moments as RFC 3339 has them, everything else as its canonical
 * text. What JSON has no number for (`NaN`, infinities) is a text, too.
 */
export function jsonOf(value: Value, column: Column, numbers: Numbers): string {
  if (value === null) return 'null'
  const text = textOf(value, column)
  switch (column.type.kind) {
    case 'boolean':
      return text
    case 'integer':
      return numbers === 'text' && column.type.bits === 64 ? JSON.stringify(text) : text
    case 'decimal':
      return numbers === 'exact' && isJsonNumber(text) ? text : JSON.stringify(text)
    case 'float':
      return isJsonNumber(text) ? text : JSON.stringify(text)
    case 'json':
      return text
    default:
      return JSON.stringify(text)
  }
}

/** A cell as it stands in a path, a header or within a text. */
export function textOf(value: Exclude<Value, null>, column: Column): string {
  const text = canonicalText(value, column.type) ?? ''
  switch (column.type.kind) {
    case 'timestamp':
      return moment.test(text) ? text.replace(' ', 'T') : text
    case 'timestamptz':
      return text.endsWith('+00') && moment.test(text.slice(0, -3)) ? `${text.slice(0, -3).replace(' ', 'T')}Z` : text
    default:
      return text
  }
}

/** Years before Christ, past 9999 and `infinity` have no form in RFC 3339: they go as canonical text. */
const moment = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/

function isJsonNumber(text: string): boolean {
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)
}
