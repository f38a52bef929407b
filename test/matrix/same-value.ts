import type { Type } from '../../src/core/types.ts'

/** Whether two texts are one value of a type, however the target's own type spells it: `1.50` and `1.5`, `true` and `1`. */
export function sameValue(type: Type, sent: string, found: string): boolean {
  if (sent === found) return true
  switch (type.kind) {
    case 'boolean':
      return found === { true: '1', false: '0' }[sent]
    case 'integer':
    case 'decimal':
      return plainNumber(sent) !== undefined && plainNumber(sent) === plainNumber(found)
    case 'float':
      return sameFloat(sent, found, type.bits)
    case 'date':
      return `${sent} 00:00:00` === found
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return moment(sent) === moment(found)
    case 'json':
      // Where a column holds documents and texts alike, a document that is a text stands as that text.
      return compact(sent) === compact(found) || (sent.startsWith('"') && JSON.parse(sent) === found)
    default:
      return false
  }
}

/** The digits of a number without exponent, sign of zero, or zeros that say nothing. */
function plainNumber(text: string): string | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (whole + fraction === '') return undefined
  const digits = `${whole}${fraction}`
  const point = whole.length + Number(exponent)
  const padded = digits.padStart(digits.length + Math.max(0, -point), '0').padEnd(point, '0')
  const at = Math.max(point, 0)
  const plain = `${padded.slice(0, at).replace(/^0+/, '')}.${padded.slice(at).replace(/0+$/, '')}`
  return plain === '.' ? '0' : `${sign === '-' ? '-' : ''}${plain}`
}

function sameFloat(sent: string, found: string, bits: 32 | 64): boolean {
  if (found.trim() === '' || (Number.isNaN(Number(found)) && found !== 'NaN')) return false
  const rounded = (text: string) => (bits === 32 ? Math.fround(Number(text)) : Number(text))
  return Object.is(rounded(sent), rounded(found))
}

/** Without zeros at the end of the fraction; as canonical text has it where RFC 3339 spells it. */
function moment(text: string): string {
  return text
    .replace('T', ' ')
    .replace(/Z$/, '+00')
    .replace(/(\.\d*?)0+(?=$|\+| BC)/, '$1')
    .replace(/\.(?=$|\+| BC)/, '')
}

/** JSON without the white space between its values. */
function compact(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
}
