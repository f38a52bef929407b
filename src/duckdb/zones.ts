import type { Type } from '../core/types.ts'
import { exactCast } from './exact.ts'
import { literal } from './sql.ts'
import { textExpression } from './text.ts'

/**
 * A DuckDB expression for the one instant (TIMESTAMPTZ) at which clocks of `zone` show `wall` (TIMESTAMP); NULL where they
 * never do, because they skip that time, or do twice. `zone` is an IANA name, which DuckDB's built-in ICU knows.
 */
export function instantAt(wall: string, zone: string): string {
  const single = `found.other = found.instant OR ${localAt(zone, 'found.other')} <> found.wall`
  const shown = `${localAt(zone, 'found.instant')} = found.wall AND (${single})`
  return bound(near(wall, zone), 'found', `CASE WHEN NOT isfinite(found.wall) OR ${shown} THEN found.instant END`)
}

/** A DuckDB expression for the first of the instants at which clocks of `zone` show `wall`. */
export function firstInstantAt(wall: string, zone: string): string {
  const first = `if(${localAt(zone, 'found.other')} = found.wall, least(found.other, found.instant), found.instant)`
  return bound(near(wall, zone), 'found', first)
}

/** A DuckDB expression for what clocks of `zone` show (TIMESTAMP) at `instant` (TIMESTAMPTZ). */
export function wallAt(instant: string, zone: string): string {
  return bound(instant, 'moment', `if(NOT isfinite(moment) OR ${isInCalendar('moment')}, ${localAt(zone, 'moment')}, NULL)`)
}

/**
 * `wall`, the `instant` that ICU finds for it, the later of two, and the `other` at which clocks would show it if they went as
 * they did a day before: another one only where they were put back in between. NULL past the ends of the calendar.
 */
function near(wall: string, zone: string): string {
  const before = `(epoch_us(moment.instant) - ${26 * 3_600_000_000})`
  const other = `epoch_us(moment.wall) - (epoch_us(${localAt(zone, `make_timestamptz(${before})`)}) - ${before})`
  const checked = `if(NOT isfinite(clock) OR ${isInCalendar('clock')}, {wall: clock, instant: ${localAt(zone, 'clock')}}, NULL)`
  const moment = bound(wall, 'clock', checked)
  return bound(
    moment,
    'moment',
    `{wall: moment.wall, instant: moment.instant, other: if(isfinite(moment.wall), make_timestamptz(${other}), moment.instant)}`,
  )
}

/** Computes `expression` once and hands it to `use` by name. Structures, because what a lambda takes from outside costs more. */
function bound(expression: string, name: string, use: string): string {
  return `list_transform([${expression}], lambda ${name}: ${use})[1]`
}

/**
 * The same of texts: `text`, exactly a value of `from`, as one of `to` (`timestamp` and `timestamptz`, either way); NULL where
 * it is none. The fraction of a second is no zone's to change, so that of more than six digits is carried over as text.
 */
export function zonedText(text: string, from: ZonedType, to: ZonedType, zone: string): string {
  if (to.precision <= 6) return bound(zonedValue(text, from, to, zone), 'moved', textExpression('moved', to))
  const whole = `regexp_replace(${text}, '\\.\\d*', '')`
  const fraction = `rtrim(regexp_extract(${text}, '\\.(\\d{0,${to.precision}})0*(?:\\D|$)', 1), '0')`
  const moved = zonedText(whole, { ...from, precision: 0 }, { ...to, precision: 0 }, zone)
  const fits = `regexp_full_match(${text}, '[^.]*(\\.\\d{0,${to.precision}}0*([^.\\d].*)?)?')`
  const tail = `if(${fraction} = '', '', '.' || ${fraction})`
  return `CASE WHEN ${fits} THEN regexp_replace(${moved}, '(:\\d\\d)(\\+00)?( BC)?$', '\\1' || ${tail} || '\\2\\3') END`
}

/** The same as a DuckDB value; for a precision of at most 6. */
export function zonedValue(text: string, from: ZonedType, to: ZonedType, zone: string): string {
  const read = exactCast(text, { kind: from.kind, precision: to.precision }) ?? 'NULL'
  return from.kind === 'timestamp' ? instantAt(`(${read})`, zone) : wallAt(`(${read})`, zone)
}

export type ZonedType = Extract<Type, { readonly kind: 'timestamp' | 'timestamptz' }>

function localAt(zone: string, moment: string): string {
  return `timezone(${literal(zone)}, ${moment})`
}

/** What can be moved by a day without leaving the calendar of DuckDB. */
function isInCalendar(moment: string): string {
  return `epoch_us(${moment}) BETWEEN -9223372000000000000 + 2 * 86400000000 AND 9223372036854775806 - 2 * 86400000000`
}
