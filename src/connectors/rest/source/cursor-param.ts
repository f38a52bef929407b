import { ConfigError } from '../../../core/errors.ts'

/** How a parameter spells where reading begins. */
export type CursorFormat = 'iso' | 'date' | 'unix' | 'unix_ms'

export const cursorFormats: readonly CursorFormat[] = ['iso', 'date', 'unix', 'unix_ms']

const day = 86_400_000

/**
 * The value of the parameter that asks for rows from `from` on: one step before it, since nobody knows whether the server
 * takes its parameter as included or whether it looks at whole seconds or days only. What comes besides is left to the
 * engine, so that rows with the very value of the watermark are never missed.
 * @param from canonical text: a number, a date or a time.
 * @throws ConfigError where it is none of them.
 */
export function cursorParam(from: string, format: CursorFormat): string {
  if (/^-?\d+$/.test(from)) return String(BigInt(from) - 1n)
  if (/^-?\d+\.\d+$/.test(from)) return String(BigInt(from.split('.', 1)[0] ?? '0') - 1n)
  const [, date = '', clock = '00:00:00', zone = ''] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i.exec(from) ?? []
  const instant = Date.parse(`${date}T${clock.length === 5 ? `${clock}:00` : clock}${isoZone(zone)}`)
  if (Number.isNaN(instant)) throw noCursor()
  const isDay = !/[ T]/.test(from)
  return spelled(instant - (isDay || format === 'date' ? day : 1_000), format, isDay, zone !== '')
}

function spelled(instant: number, format: CursorFormat, isDay: boolean, isInstant: boolean): string {
  const iso = new Date(instant).toISOString()
  if (format === 'unix') return String(Math.floor(instant / 1_000))
  if (format === 'unix_ms') return String(instant)
  if (format === 'date' || isDay) return iso.slice(0, 10)
  return `${iso.slice(0, 19)}${isInstant ? 'Z' : ''}`
}

/** A time without a zone is spelled as it came; UTC serves to count back. */
function isoZone(zone: string): string {
  if (zone === '' || zone.toUpperCase() === 'Z') return 'Z'
  const [, sign = '+', hours = '00', minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  return `${sign}${hours}:${minutes}`
}

function noCursor(): ConfigError {
  return new ConfigError({
    code: 'CURSOR_TYPE',
    message: '`cursor_param`: expected a number, a date or a time for its value, found another text',
    hint: 'take another column for `cursor`, or leave `cursor_param` out: every row is read then, and only new ones are taken',
  })
}
