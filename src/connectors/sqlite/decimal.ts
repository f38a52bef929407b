/** A number's shortest text without an exponent: `1e+21` is `1000000000000000000000`; `NaN` and infinities stay. */
export function plainDecimal(number: number): string {
  const text = Object.is(number, -0) ? '0' : String(number)
  const [, sign = '', whole = '', fraction = '', exponent = ''] = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? []
  if (whole === '') return text
  const power = Number(exponent)
  const digits = whole + fraction
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`
  return `${sign}${digits.padEnd(power + 1, '0')}`
}

/** The canonical text of a decimal with `scale` digits after the point, as far as zeros at the end allow. */
export function withScale(text: string, scale: number): string {
  const point = text.indexOf('.')
  const digits = point < 0 ? 0 : text.length - point - 1
  if (digits === scale || !/\d$/.test(text)) return text
  if (digits < scale) return `${text}${point < 0 ? '.' : ''}${'0'.repeat(scale - digits)}`
  const cut = text.slice(0, text.length - (digits - scale))
  if (/[1-9]/.test(text.slice(cut.length))) return text
  return scale === 0 ? cut.slice(0, -1) : cut
}

/** Text that is equal for equal decimals: no leading or trailing zeros, no plus, no exponent. */
export function normalDecimal(text: string): string {
  const [, sign = '', whole = '', fraction = ''] = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text) ?? []
  if (whole === '' && fraction === '') return /\d/.test(text) ? '0' : text
  return `${sign === '-' ? '-' : ''}${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** Below, equal or above zero as `a` sorts before, with or after `b`; infinities at the ends, `NaN` past them. */
export function compareDecimals(a: string, b: string): number {
  const [left, right] = [special(a), special(b)]
  if (left !== 0 || right !== 0) return left - right
  const [wholeA = '', fractionA = ''] = normalDecimal(a).split('.')
  const [wholeB = '', fractionB = ''] = normalDecimal(b).split('.')
  const length = Math.max(fractionA.length, fractionB.length)
  const difference = BigInt(wholeA + fractionA.padEnd(length, '0')) - BigInt(wholeB + fractionB.padEnd(length, '0'))
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

function special(text: string): number {
  switch (text) {
    case 'NaN':
      return 2
    case 'Infinity':
      return 1
    case '-Infinity':
      return -1
    default:
      return 0
  }
}
