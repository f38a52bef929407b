import type { ConnectionDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import { didYouMean } from '../core/nearest.ts'

/**
 * The definition with the zone of its naive timestamps, which is Syncline's to know and not the connector's: `zone` among the
 * options, or a parameter `zone` of a database's URL.
 * @throws ConfigError where it is no time zone.
 */
export function withZone({ name, type, options }: ConnectionDefinition): ConnectionDefinition {
  const { zone, ...rest } = options
  const url = typeof rest.url === 'string' && !/^https?:/i.test(rest.url) ? rest.url : undefined
  const [before = '', written] = url === undefined ? [] : url.split(/[?&]zone=([^&#]*)/)
  const named = zone ?? (written === undefined ? undefined : decodeURIComponent(written))
  const without = url !== undefined && written !== undefined ? { ...rest, url: withoutZone(url, before) } : rest
  if (named === undefined || named === null) return { name, type, options: without }
  return { name, type, options: without, zone: checkZone(named, name) }
}

/** What follows the parameter follows what stood before it. */
function withoutZone(url: string, before: string): string {
  const after = url.slice(before.length).replace(/^[?&]zone=[^&#]*/, '')
  return before + (before.includes('?') ? after : after.replace(/^&/, '?'))
}

/**
 * The IANA name of a zone as everybody spells it.
 * @throws ConfigError (`BAD_ZONE`) with the zone that may be meant.
 */
export function checkZone(zone: unknown, connection: string): string {
  // An offset is no zone: it knows no summer.
  const known = typeof zone === 'string' && /^[A-Za-z]/.test(zone) ? canonicalZone(zone) : undefined
  if (known !== undefined) return known
  const meant = typeof zone === 'string' ? likelyZone(zone) : undefined
  throw new ConfigError({
    code: 'BAD_ZONE',
    message: `\`zone\` of ${connection}: expected an IANA time zone such as Europe/Berlin; found ${typeof zone === 'string' ? 'a name that is none' : 'no text'}`,
    ...(meant === undefined ? {} : { hint: meant }),
  })
}

function canonicalZone(zone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** A city says enough: `Berlin` is `Europe/Berlin`. */
function likelyZone(zone: string): string | undefined {
  const zones = Intl.supportedValuesOf('timeZone')
  const city = zones.find((name) => name.toLowerCase().endsWith(`/${zone.toLowerCase().replaceAll(' ', '_')}`))
  return city === undefined ? didYouMean(zone, zones) : `did you mean \`${city}\`?`
}
