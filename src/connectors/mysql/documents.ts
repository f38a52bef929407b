/**
 * Whether two JSON texts are one document to the last digit. MySQL keeps documents in a form of its own: it orders members, drops
 * all but the last of those that share a name, and makes of numbers past 64 bits the nearest double (manual, "The JSON Data Type").
 */
export function isSameDocument(given: string, shown: string): boolean {
  return given === shown || (members(given) === members(shown) && spelled(given) === spelled(shown))
}

/** How many members the objects of a document have, also where they share a name. */
function members(document: string): number {
  return document.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length
}

function spelled(document: string): string {
  return JSON.stringify(JSON.parse(document, exactly as (name: string, value: unknown) => unknown))
}

/** Numbers as their digits, members by name. TypeScript does not know yet that a reviver sees how a number was written. */
function exactly(_name: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value === 'number') return { number: digits(source ?? String(value)) }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return { members: Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)) }
}

/** Without zeros that say nothing: `1.50` and `15e-1` are `15e-1`, and every zero is `0`. */
function digits(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? []
  const all = `${whole}${fraction}`.replace(/^0+/, '')
  const kept = all.replace(/0+$/, '')
  if (kept === '') return '0'
  return `${sign}${kept}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(all.length - kept.length)}`
}
