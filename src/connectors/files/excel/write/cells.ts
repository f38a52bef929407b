import type { Column } from '../../../../core/table.ts'
import type { Type } from '../../../../core/types.ts'
import { escapedText } from './escape.ts'
import { longestText, tooLong } from './limits.ts'
import { isExactNumber, isOwnText, isSheetFloat } from './numbers.ts'
import { type DateSystem, dateSerial, timeSerial, timestampSerial } from './serial.ts'
import type { CellStyle } from './style-sheet.ts'

/** A cell that is not NULL as XML. `at` is its reference, such as `B7`. */
export type CellWriter = (text: string, at: string) => string

export interface CellOptions {
  /** The book, for messages. */
  readonly file: string
  readonly system: DateSystem
  /** The number of a style in the book's style sheet. */
  style(style: CellStyle): number
}

/**
 * Writes the cells of one column from canonical text. What Excel would hold as another value than it is (the sixteenth digit, a
 * day before 1900, a microsecond, infinity) is written as text.
 */
export function cellWriter({ name, type }: Column, { file, system, style }: CellOptions): CellWriter {
  const textStyle = once(() => style('text'))
  const asText: CellWriter = (text, at) => {
    if (text.length > longestText) throw tooLong(file, name)
    return textCell(text, at, textStyle())
  }
  const asValue = valueWriter(type, system, style)
  return asValue ? (text, at) => asValue(text, at) ?? asText(text, at) : asText
}

/** A text, never a formula, whatever it looks like. */
export function textCell(text: string, at: string, style: number): string {
  const space = /^\s|\s$|[\n\t]/.test(text) ? ' xml:space="preserve"' : ''
  return `<c r="${at}"${styled(style)} t="inlineStr"><is><t${space}>${escapedText(text)}</t></is></c>`
}

/** `undefined` for types that a sheet has not. */
function valueWriter(
  type: Type,
  system: DateSystem,
  style: CellOptions['style'],
): ((text: string, at: string) => string | undefined) | undefined {
  switch (type.kind) {
    case 'integer': {
      const own = once(() => style('integer'))
      return (text, at) => (isExactNumber(text) ? number(text, at, own()) : undefined)
    }
    case 'decimal': {
      const own = once(() => style(decimalStyle(type.scale)))
      // Decimals that no engine holds are compared as texts.
      const isNumber = isComparedAsText(type) ? (text: string) => isExactNumber(text) && isOwnText(text) : isExactNumber
      return (text, at) => (isNumber(text) ? number(text, at, own()) : undefined)
    }
    case 'float': {
      const own = once(() => style('general'))
      return (text, at) => (isSheetFloat(text) ? number(text, at, own()) : undefined)
    }
    case 'boolean': {
      const own = once(() => style('general'))
      return (text, at) => boolean(text, at, own())
    }
    case 'date':
      return serial(
        (text) => dateSerial(text, system),
        once(() => style('date')),
      )
    case 'time':
      return serial(
        timeSerial,
        once(() => style('time')),
        once(() => style('time-ms')),
      )
    case 'timestamp':
      return serial(
        (text) => timestampSerial(text, system),
        once(() => style('timestamp')),
        once(() => style('timestamp-ms')),
      )
    default:
      return undefined
  }
}

function serial(
  serialOf: (text: string) => number | undefined,
  whole: () => number,
  withFraction = whole,
): (text: string, at: string) => string | undefined {
  return (text, at) => {
    const value = serialOf(text)
    return value === undefined ? undefined : number(String(value), at, text.includes('.') ? withFraction() : whole())
  }
}

function number(text: string, at: string, style: number): string {
  return `<c r="${at}"${styled(style)}><v>${text}</v></c>`
}

function boolean(text: string, at: string, style: number): string | undefined {
  const value = text === 'true' || text === 't' ? 1 : text === 'false' || text === 'f' ? 0 : undefined
  return value === undefined ? undefined : `<c r="${at}"${styled(style)} t="b"><v>${value}</v></c>`
}

function styled(style: number): string {
  return style === 0 ? '' : ` s="${style}"`
}

function decimalStyle(scale: number | undefined): CellStyle {
  return scale === undefined ? 'general' : scale === 0 ? 'integer' : { scale: Math.min(scale, 30) }
}

function isComparedAsText({ precision }: Extract<Type, { kind: 'decimal' }>): boolean {
  return precision === undefined || precision > 38
}

/** Styles are added to a book only once a cell has them. */
function once(find: () => number): () => number {
  let found: number | undefined
  return () => {
    found ??= find()
    return found
  }
}
