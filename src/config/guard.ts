import type { Guard, Limit, OnReject } from '../core/definition.ts'
import type { GuardInput, OnRejectInput } from './schema.ts'

type LimitInput = NonNullable<Exclude<GuardInput, 'off'>['deletes']>

/** Limits by kind of change, and what else a guard says; `off` guards nothing. */
export function parseGuard(input: GuardInput): Guard | 'off' {
  if (input === 'off') return input
  return {
    ...(input.inserts === undefined ? {} : { inserts: parseLimit(input.inserts) }),
    ...(input.updates === undefined ? {} : { updates: parseLimit(input.updates) }),
    ...(input.deletes === undefined ? {} : { deletes: parseLimit(input.deletes) }),
    ...(input.empty === undefined ? {} : { empty: input.empty }),
    ...(input.cascades === undefined ? {} : { cascades: input.cascades }),
    ...(input.proceed === undefined ? {} : { proceed: input.proceed }),
  }
}

/** `{ continue, limit: 1% }` goes on up to the limit. */
export function parseOnReject(input: OnRejectInput): OnReject {
  return typeof input === 'string' ? input : { limit: parseLimit(input.limit) }
}

/** `10%` is a share, `500` a count; `[10%, 500]` and `{ percent: 10, count: 500 }` are both, which must then both be passed. */
function parseLimit(input: LimitInput): Limit {
  if (typeof input !== 'object') return parseAmount(input)
  if (isList(input)) return Object.assign({}, ...input.map(parseAmount))
  const { percent, count } = input
  return {
    ...(count === undefined ? {} : { rows: count }),
    ...(percent === undefined ? {} : { share: Number.parseFloat(String(percent)) / 100 }),
  }
}

function isList(input: Exclude<LimitInput, string | number>): input is Extract<typeof input, readonly unknown[]> {
  return Array.isArray(input)
}

function parseAmount(amount: number | string): Limit {
  return typeof amount === 'number' ? { rows: amount } : { share: Number.parseFloat(amount) / 100 }
}
