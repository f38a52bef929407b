import type { Shown } from './number-format.ts'

/** A cell that shows a moment or a span, in canonical text. */
export interface Moment {
  readonly kind: 'date' | 'timestamp' | 'time' | 'elapsed'
  readonly text: string
}

const day = 86_400_000
/** 9999-12-31, the last day that Excel knows, counted from 1900. */
const lastSerial = 2_958_465
/** Days from 1970-01-01 to what serial 0 would be, past the day that never was. */
const [from1900, from1904] = [-25_569, -24_107]

/**
 * What a number shows in a format of dates or times; `undefined` where it shows no day that there was: before the first
 * one, past the last, and 29 February 1900, which Excel counts though 1900 was no leap year. Rounded to milliseconds, which
 * Excel's numbers hold and its formats show: the rest is noise of floating point.
 */
export function momentOf(serial: number, shown: Exclude<Shown, 'number'>, date1904: boolean): Moment | undefined {
  const time = Math.round(serial * day)
  if (!Number.isSafeInteger(time)) return undefined
  if (shown === 'elapsed') return { kind: 'elapsed', text: elapsed(time) }
  if (shown === 'clock' && time >= 0 && time < day) return { kind: 'time', text: clock(time) }
  const instant = instantOf(time, date1904)
  if (instant === undefined) return undefined
  const rest = time % day
  if (rest === 0 && shown === 'date') return { kind: 'date', text: calendar(instant) }
  return { kind: 'timestamp', text: `${calendar(instant)} ${clock(rest)}` }
}

/** Milliseconds from 1970 of milliseconds from the beginning of the book's own count. */
function instantOf(time: number, date1904: boolean): number | undefined {
  const serial = Math.floor(time / day)
  if (date1904) return serial >= 0 && serial <= lastSerial - 1462 ? time + from1904 * day : undefined
  if (serial < 1 || serial === 60 || serial > lastSerial) return undefined
  return time + (serial < 60 ? from1900 + 1 : from1900) * day
}

function calendar(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10)
}

/** Milliseconds of a day: `23:59:59.5`, the fraction without trailing zeros. */
function clock(time: number): string {
  const seconds = Math.floor(time / 1000)
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${fraction(time % 1000)}`
}

/** A span as hours, minutes and seconds: `-30:05:00`. */
function elapsed(time: number): string {
  const span = Math.abs(time)
  const seconds = Math.floor(span / 1000)
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${fraction(span % 1000)}`
  return time < 0 ? `-${text}` : text
}

function fraction(milliseconds: number): string {
  return milliseconds === 0 ? '' : `.${String(milliseconds).padStart(3, '0').replace(/0+$/, '')}`
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number)
}

const iso = /^(\d{4}-\d\d-\d\d)?(?:(?:^|T| )([01]\d|2[0-3])(:[0-5]\d)(:[0-5]\d)?(\.\d{1,9})?)?$/

/**
 * A cell that holds ISO 8601 text in place of a number (`t="d"`): canonical text, or `undefined` where it is none. One that
 * shows days only has no time where it is midnight.
 */
export function isoMoment(text: string, shown: Shown): Moment | undefined {
  const [, date, hours, minutes = '', seconds = ':00', fractional = ''] = iso.exec(text.trim()) ?? []
  if (date !== undefined && !isDay(date)) return undefined
  const clock = hours === undefined ? undefined : `${hours}${minutes}${seconds}${fractional.replace(/\.?0+$/, '')}`
  if (date === undefined) return clock === undefined ? undefined : { kind: 'time', text: clock }
  if (clock === undefined || (shown === 'date' && clock === '00:00:00')) return { kind: 'date', text: date }
  return { kind: 'timestamp', text: `${date} ${clock}` }
}

function isDay(date: string): boolean {
  const found = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(found.getTime()) && found.toISOString().startsWith(date)
}
