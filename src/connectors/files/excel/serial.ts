import type { Shown } from './number-format.ts'

/** A cell that shows a moment or a span, in canonical text. */
export interface Moment {
  readonly kind: 'date' | 'timestamp' | 'time' | 'elapsed'
  readonly text: string
}

/** Why a number that shows a day may show none. */
export const noDay = 'no day that there is'

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

/** The day of an instant, by the calendar's cycle of 400 years, counted from 1 March 0000: `Date` takes as long as the rest of a cell. */
function calendar(instant: number): string {
  const count = Math.floor(instant / day) + 719_468
  const cycle = Math.floor(count / 146_097)
  const inCycle = count - cycle * 146_097
  const yearOfCycle = Math.floor(
    (inCycle - Math.floor(inCycle / 1460) + Math.floor(inCycle / 36_524) - Math.floor(inCycle / 146_096)) / 365,
  )
  const inYear = inCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100))
  const fromMarch = Math.floor((5 * inYear + 2) / 153)
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  const year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
  return `${year}-${two(month)}-${two(inYear - Math.floor((153 * fromMarch + 2) / 5) + 1)}`
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

const iso = /^(\d{4}-\d\d-\d\d)?(?:(?:^|T| )([01]\d|2[0-3])(:[0-5]\d)(:[0-5]\d)?(\.\d{1,9})?Z?)?$/

/**
 * A cell that holds ISO 8601 text in place of a number (`t="d"`): canonical text, or `undefined` where it is none. One that
 * shows days only has no time where it is midnight. A `Z`, which programs that write instants add, is no part of what the
 * cell shows: cells of books are naive.
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

const duration = /^(-?)P(?:(\d{1,6})D)?T(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,7})(?:[.,](\d{1,9}))?S)?$/

/** A span as OpenDocument writes it, `PT08H30M00S`: a time of day where it is one. */
export function isoSpan(text: string): Moment | undefined {
  const [, sign, days = 0, hours = 0, minutes = 0, seconds = 0, fractional = ''] = duration.exec(text.trim()) ?? []
  if (sign === undefined) return undefined
  const total = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
  const ending = fractional.replace(/0+$/, '')
  const span = `${elapsed(total * 1000)}${ending === '' ? '' : `.${ending}`}`
  return sign === '' && total < 86_400 ? { kind: 'time', text: span } : { kind: 'elapsed', text: `${sign}${span}` }
}
