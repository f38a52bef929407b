/** How a book counts days: from 1900, with a 29 February of that year that never was, or from 1904. */
export type DateSystem = 1900 | 1904

interface Span {
  /** The serial of 1970-01-01. */
  readonly offset: number
  readonly first: number
  readonly last: number
}

/** 1900 begins behind the day that never was: before it, programs do not agree on which day a serial is. */
const spans: Readonly<Record<DateSystem, Span>> = {
  1900: { offset: 25_569, first: 61, last: 2_958_465 },
  1904: { offset: 24_107, first: 1, last: 2_957_003 },
}

const dayLength = 86_400_000
const day = /^(\d{4})-(\d\d)-(\d\d)$/
const clock = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?$/

/** The serial of a date in canonical text; `undefined` where the system has none for it. */
export function dateSerial(text: string, system: DateSystem): number | undefined {
  const [, year, month, date] = day.exec(text) ?? []
  if (year === undefined) return undefined
  const { offset, first, last } = spans[system]
  const serial = Date.UTC(Number(year), Number(month) - 1, Number(date)) / dayLength + offset
  return Number(year) >= 1900 && serial >= first && serial <= last ? serial : undefined
}

/** The part of a day that a time in canonical text is; `undefined` for 24:00 and for fractions finer than a millisecond. */
export function timeSerial(text: string): number | undefined {
  const milliseconds = millisecondsOf(text)
  return milliseconds === undefined ? undefined : milliseconds / dayLength
}

/** The serial of a timestamp in canonical text. */
export function timestampSerial(text: string, system: DateSystem): number | undefined {
  const days = dateSerial(text.slice(0, 10), system)
  const milliseconds = text[10] === ' ' ? millisecondsOf(text.slice(11)) : undefined
  return days === undefined || milliseconds === undefined ? undefined : days + milliseconds / dayLength
}

function millisecondsOf(text: string): number | undefined {
  const [, hours, minutes, seconds, fraction = ''] = clock.exec(text) ?? []
  if (hours === undefined || Number(hours) > 23) return undefined
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(fraction.padEnd(3, '0'))
}
