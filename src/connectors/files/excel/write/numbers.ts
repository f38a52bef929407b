import { decimalText } from '../number-text.ts'

const plain = /^-?(?:\d{1,16}(?:\.\d{1,30})?)$/
const scientific = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const smallestNormal = 2.2250738585072014e-308

/** Whether Excel keeps every digit of an integer or decimal: it shows and calculates with 15 of them. */
export function isExactNumber(text: string): boolean {
  if (!plain.test(text)) return false
  const [whole = '', fraction = ''] = (text.startsWith('-') ? text.slice(1) : text).split('.')
  const digits = `${whole}${fraction.replace(/0+$/, '')}`.replace(/^0+/, '')
  if (digits === '') return !text.startsWith('-')
  return digits.length <= 15
}

/** Whether a float is a number of a sheet: Excel has no infinite ones, no NaN, no negative zero, and none that are denormal. */
export function isSheetFloat(text: string): boolean {
  if (!scientific.test(text)) return false
  const value = Number(text)
  if (value === 0) return !text.startsWith('-')
  return Number.isFinite(value) && Math.abs(value) >= smallestNormal
}

/** Whether a number of a sheet is read as this very text: it has no scale, so 1.50 is read as 1.5. */
export function isOwnText(text: string): boolean {
  return decimalText(Number(text)) === text
}
