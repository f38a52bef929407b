import { malformed } from '../file-errors.ts'
import { type Token, tokens, XmlScan } from './xml-scan.ts'
import { xmlText } from './xml-text.ts'
import type { Entry, Package } from './zip.ts'

/** An element of a small part, as its open tag tells it. */
export interface XmlElement {
  /** Local name. */
  readonly name: string
  /** Local name of the element around it, empty for the outermost. */
  readonly parent: string
  attribute(name: string): string | undefined
  /** An attribute that has a prefix, by its local name: `r:id`, whatever the prefix. */
  prefixed(name: string): string | undefined
}

export interface XmlVisitor {
  open?(element: XmlElement): void
  /** @param parent local name of the element that the text stands in. */
  text?(text: string, parent: string): void
  close?(name: string): void
}

/** Parts other than sheets and texts are small. */
const largestPart = 128 << 20

/** Walks a part from its beginning to its end. @throws RunError where it is no XML, cut short or unreasonably large. */
export async function walkPart(book: Package, entry: Entry, visitor: XmlVisitor): Promise<void> {
  const place = `${book.name} (${entry.name})`
  if (entry.size > largestPart) throw malformed({ file: place }, `expected a small part, found one of ${entry.size >> 20} MiB`)
  const scan = new XmlScan(place)
  const open: string[] = []
  for await (const chunk of xmlBytes(book, entry)) {
    scan.push(chunk)
    for (let token = scan.next(); token !== tokens.more; token = scan.next()) visit(scan, token, visitor, open, place)
  }
  scan.finish()
}

function visit(scan: XmlScan, token: Token, visitor: XmlVisitor, open: string[], place: string): void {
  const parent = open.at(-1) ?? ''
  if (token === tokens.text) visitor.text?.(xmlText(scan.bytes, scan.from, scan.to, place, scan.isLiteral), parent)
  else if (token === tokens.close) {
    open.pop()
    visitor.close?.(parent)
  } else {
    const element = elementOf(scan, parent, place)
    visitor.open?.(element)
    if (scan.isEmpty) visitor.close?.(element.name)
    else open.push(element.name)
  }
}

function elementOf(scan: XmlScan, parent: string, place: string): XmlElement {
  const value = (index: number) => (index < 0 ? undefined : xmlText(scan.bytes, scan.valueFrom(index), scan.valueTo(index), place))
  return {
    name: xmlText(scan.bytes, scan.from, scan.to, place),
    parent,
    attribute: (name) => value(scan.find(Buffer.from(name))),
    prefixed: (name) => value(scan.findPrefixed(Buffer.from(name))),
  }
}

/** The bytes of a part as UTF-8: OOXML allows UTF-16 too. */
export async function* xmlBytes(book: Package, entry: Entry): AsyncGenerator<Uint8Array> {
  let decoder: InstanceType<typeof TextDecoder> | undefined
  let first = true
  for await (const chunk of book.read(entry)) {
    if (first) decoder = utf16Decoder(chunk)
    first = false
    yield decoder ? Buffer.from(decoder.decode(chunk, { stream: true })) : chunk
  }
}

function utf16Decoder([one, two]: Uint8Array): InstanceType<typeof TextDecoder> | undefined {
  if ((one === 0xff && two === 0xfe) || (one === 60 && two === 0)) return new TextDecoder('utf-16le', { fatal: true })
  if ((one === 0xfe && two === 0xff) || (one === 0 && two === 60)) return new TextDecoder('utf-16be', { fatal: true })
  return undefined
}
