import type { Guard, Limit, OnReject } from '../core/definition.ts'
import type { GuardInput, OnRejectInput } from './schema.ts'

type LimitInput = NonNullable<Exclude<GuardInput, 'off'>['deletes']>

/** `10%` is a share, `500` a count, `[10%, 500]` both, which must then both be passed; `off` guards nothing. */
export function parseGuard(input: GuardInput): Guard {
  if (input === 'off') return { empty: 'allow', cascades: 'allow' }
  return {
    ...(input.inserts === undefined ? {} : { inserts: parseLimit(input.inserts) }),
    ...(input.updates === undefined ? {} : { updates: parseLimit(input.updates) }),
    ...(input.deletes === undefined ? {} : { deletes: parseLimit(input.deletes) }),
    ...(input.empty === undefined ? {} : { empty: input.empty }),
    ...(input.cascades === undefined ? {} : { cascades: input.cascades }),
  }
}

/** `{ continue, limit: 1% }` goes on up to the limit. */
export function parseOnReject(input: OnRejectInput): OnReject {
  return typeof input === 'string' ? input : { limit: parseLimit(input.limit) }
}

function parseLimit(input: LimitInput): Limit {
  const amounts = Array.isArray(input) ? input : [input]
  return Object.assign({}, ...amounts.map(parseAmount))
}

function parseAmount(amount: number | string): Limit {
  return typeof amount === 'number' ? { rows: amount } : { share: Number.parseFloat(amount) / 100 }
}
