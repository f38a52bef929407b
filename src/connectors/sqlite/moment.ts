/** The kinds whose texts come in several spellings. */
export type TimeKind = 'date' | 'time' | 'timestamp' | 'timestamptz'

const clock = String.raw`(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d*))?)?`
const day = new RegExp(String.raw`^(\d{4,7})-(\d\d?)-(\d\d?)(?:[ T]${clock}\s?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?( BC)?$`)
const clockOnly = new RegExp(`^${clock}$`)

/**
 * The canonical text of a date or time as people and libraries write it into SQLite (`T` between date and time, zeros at
 * the end, an offset): `undefined` where the text is none of that kind.
 */
export function canonicalTime(text: string, kind: TimeKind): string | undefined {
  if (kind === 'time') return canonicalClock(text)
  if (text === 'infinity' || text === '-infinity') return text
  const parts = day.exec(text)
  if (!parts) return undefined
  const [, year = '', month = '', date = '', hour, minute, second, fraction, zone, bc = ''] = parts
  if ((kind === 'date') !== (hour === undefined) && !(kind === 'timestamp' && hour === undefined)) return undefined
  if ((kind === 'timestamptz') !== (zone !== undefined)) return undefined
  const calendar = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`
  if (kind === 'date') return calendar + bc
  const time = clockText(hour ?? '0', minute ?? '00', second, fraction)
  return kind === 'timestamp' ? `${calendar} ${time}${bc}` : inUtc(parts, time, calendar)
}

/** A number of nanoseconds that sorts as the moments do; infinite ones at the ends. `undefined` where the text is no moment. */
export function momentOrder(text: string): bigint | undefined {
  if (text === 'infinity') return 1n << 90n
  if (text === '-infinity') return -(1n << 90n)
  const time = clockOnly.exec(text)
  if (time) return nanoseconds(0, time.slice(1))
  const parts = day.exec(text)
  if (!parts) return undefined
  const zone = parts[8] === undefined ? 0 : offsetSeconds(parts[8])
  return nanoseconds(dayNumber(parts), parts.slice(4)) - BigInt(zone) * 1_000_000_000n
}

function canonicalClock(text: string): string | undefined {
  const [, hour, minute, second, fraction] = clockOnly.exec(text) ?? []
  return hour === undefined || minute === undefined ? undefined : clockText(hour, minute, second, fraction)
}

function clockText(hour: string, minute: string, second = '00', fraction = ''): string {
  const digits = fraction.replace(/0+$/, '')
  return `${hour.padStart(2, '0')}:${minute}:${second}${digits === '' ? '' : `.${digits}`}`
}

function inUtc(parts: RegExpExecArray, time: string, calendar: string): string {
  const zone = offsetSeconds(parts[8] ?? 'Z')
  if (zone === 0) return `${calendar} ${time}+00${parts[9] ?? ''}`
  const moved = dayNumber(parts) * daySeconds + seconds(parts.slice(4)) - zone
  const day = Math.floor(moved / daySeconds)
  const rest = moved - day * daySeconds
  const { year, month, date } = calendarDay(day)
  const written = `${String(year > 0 ? year : 1 - year).padStart(4, '0')}-${two(month)}-${two(date)}`
  const wall = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`
  return `${written} ${wall}${/\.\d+$/.exec(time)?.[0] ?? ''}+00${year > 0 ? '' : ' BC'}`
}

const daySeconds = 86_400
/** Days of the 400 years after which the calendar repeats. */
const era = 146_097

/** Days since 1 March of the year 0, which is 1 BC: `Date` ends before PostgreSQL's timestamps do. */
function dayNumber(parts: RegExpExecArray): number {
  const written = parts[9] === undefined ? Number(parts[1]) : 1 - Number(parts[1])
  const month = (Number(parts[2]) + 9) % 12
  const year = month >= 10 ? written - 1 : written
  const leaps = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400)
  return year * 365 + leaps + Math.floor((month * 153 + 2) / 5) + Number(parts[3]) - 1
}

function calendarDay(day: number): { readonly year: number; readonly month: number; readonly date: number } {
  const eras = Math.floor(day / era)
  const inEra = day - eras * era
  const yearInEra = Math.floor((inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365)
  const dayOfYear = inEra - (365 * yearInEra + Math.floor(yearInEra / 4) - Math.floor(yearInEra / 100))
  const march = Math.floor((5 * dayOfYear + 2) / 153)
  const month = march < 10 ? march + 3 : march - 9
  const year = yearInEra + eras * 400 + (month <= 2 ? 1 : 0)
  return { year, month, date: dayOfYear - Math.floor((153 * march + 2) / 5) + 1 }
}

function nanoseconds(day: number, clockParts: readonly (string | undefined)[]): bigint {
  const fraction = BigInt((clockParts[3] ?? '').padEnd(9, '0').slice(0, 9))
  return BigInt(day * daySeconds + seconds(clockParts)) * 1_000_000_000n + fraction
}

function seconds([hour = '0', minute = '0', second = '0']: readonly (string | undefined)[]): number {
  return Number(hour) * 3600 + Number(minute) * 60 + Number(second)
}

function offsetSeconds(zone: string): number {
  if (zone === 'Z') return 0
  const [, sign, hours = '0', minutes = '0', rest = '0'] = /^([+-])(\d\d):?(\d\d)?:?(\d\d)?$/.exec(zone) ?? []
  return (sign === '-' ? -1 : 1) * seconds([hours, minutes, rest])
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
