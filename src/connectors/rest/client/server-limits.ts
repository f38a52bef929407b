/** Milliseconds that an answer asks to wait (RFC 9110, 10.2.3: seconds or a date), where it does. */
export function retryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim()
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000
  const until = Date.parse(text)
  return Number.isNaN(until) ? undefined : Math.max(0, until - serverTime(headers))
}

/**
 * Milliseconds until the server takes requests again, where an answer says that this was the last one of its window:
 * `RateLimit` (drafts of the IETF, old and new form), `RateLimit-*`, `X-RateLimit-*`, `X-Rate-Limit-*`.
 */
export function exhaustedFor(headers: Headers): number | undefined {
  const combined = headers.get('ratelimit')
  if (combined !== null) {
    const field = (names: string) => new RegExp(`\\b(?:${names})\\s*=\\s*(\\d+)`, 'i').exec(combined)?.[1]
    return waitFor(field('r|remaining'), field('t|reset'), headers)
  }
  for (const prefix of ['ratelimit', 'x-ratelimit', 'x-rate-limit']) {
    const wait = waitFor(headers.get(`${prefix}-remaining`), headers.get(`${prefix}-reset`), headers)
    if (wait !== undefined) return wait
  }
  return undefined
}

/** A reset is a number of seconds, or an instant in seconds or milliseconds of Unix time: nobody waits for thirty years. */
function waitFor(remaining: string | null | undefined, reset: string | null | undefined, headers: Headers): number | undefined {
  if (!/^\s*0\s*$/.test(remaining ?? '') || !/^\s*\d+(\.\d+)?\s*$/.test(reset ?? '')) return undefined
  const value = Number(reset)
  if (value < 1e9) return value * 1_000
  return Math.max(0, (value < 1e12 ? value * 1_000 : value) - serverTime(headers))
}

/** By the server's own clock, so that ours may be wrong. */
function serverTime(headers: Headers): number {
  const said = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(said) ? Date.now() : said
}
