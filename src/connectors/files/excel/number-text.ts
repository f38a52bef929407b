/** A double as exact decimal text, the shortest that reads back as the same number, without an exponent. */
export function decimalText(value: number): string {
  if (value === 0) return '0'
  const text = String(value)
  const [, sign = '', whole = '', fraction = '', exponent = ''] = /^(-?)(\d+)\.?(\d*)e([+-]\d+)$/.exec(text) ?? []
  if (exponent === '') return text
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return point >= digits.length
    ? `${sign}${digits}${'0'.repeat(point - digits.length)}`
    : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** Whether a piece of ASCII is a number in the form that {@link decimalText} gives it: such text needs no second look. */
export function isDecimalText(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from
  if (bytes[at] === minus) at++
  const first = at
  while (isDigit(bytes[at]) && at < to) at++
  const whole = at - first
  if (whole === 0 || (whole > 1 && bytes[first] === zero)) return false
  if (at === to) return whole <= exactDigits && (bytes[first] !== zero || first === from)
  if (bytes[at] !== point || bytes[to - 1] === zero || to - at < 2) return false
  for (at++; at < to; at++) if (!isDigit(bytes[at])) return false
  return to - first - 1 <= exactDigits
}

/** A number as XML Schema writes doubles, blanks around it left out; NaN where it is none. */
export function parseNumber(bytes: Uint8Array, from: number, to: number): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from)
    .toString('latin1')
    .trim()
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
}

/** Every decimal of so many digits is its own shortest text as a double. */
const exactDigits = 15
const [minus, point, zero, nine] = [45, 46, 48, 57]

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine
}
