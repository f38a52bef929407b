import { malformed } from '../file-errors.ts'

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * The characters of a piece of XML text: entities resolved, line ends made LF (XML 1.0, 2.11).
 * @param literal inside CDATA there are no entities.
 */
export function xmlText(bytes: Uint8Array, from: number, to: number, place: string, literal = false): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8')
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
  return literal || !lines.includes('&') ? lines : withoutEntities(lines, place)
}

function withoutEntities(text: string, place: string): string {
  return text.replace(/&([^;&]{0,32};?)/g, (_, rest: string) => {
    const name = rest.endsWith(';') ? rest.slice(0, -1) : ''
    const character = Object.hasOwn(named, name) ? named[name] : numbered(name)
    if (character !== undefined) return character
    throw malformed({ file: place }, 'expected the XML of a book: it holds an entity that XML does not know', 'save the book again')
  })
}

function numbered(name: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([\dA-Fa-f]+)|(\d+))$/.exec(name) ?? []
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  return code >= 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : undefined
}

/** Characters that XML cannot hold are written `_x000D_` by Excel, and `_x005F_` where a text looks like that by itself (ECMA-376, 22.4.2.4). */
export function withoutEscapes(text: string): string {
  if (!text.includes('_x')) return text
  return text.replace(/_x([\dA-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
