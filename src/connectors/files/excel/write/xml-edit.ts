/**
 * Small parts of a book are edited as text, so that whatever is not edited stays as it was, to the byte. Books do not hold what
 * makes that unsafe, a comment or CDATA with a tag in it: where a part does, it is refused.
 */
export interface Element {
  /** Where it begins and ends in the part's text, tags included. */
  readonly from: number
  readonly to: number
  /** The open tag. */
  readonly tag: string
  /** Between the tags; empty where it is its own end. */
  readonly content: string
}

/** The first element of that local name, whatever its prefix. */
export function findElement(xml: string, name: string, start = 0): Element | undefined {
  const opening = new RegExp(String.raw`<((?:[\w.-]+:)?${name})(?:\s(?:[^>"']|"[^"]*"|'[^']*')*)?/?>`, 'g')
  opening.lastIndex = start
  const found = opening.exec(xml)
  if (!found) return undefined
  const [tag, qualified = name] = found
  const from = found.index
  const inner = from + tag.length
  if (tag.endsWith('/>')) return { from, to: inner, tag, content: '' }
  const closing = new RegExp(String.raw`</${qualified}\s*>`, 'g')
  closing.lastIndex = inner
  const end = closing.exec(xml)
  return end ? { from, to: closing.lastIndex, tag, content: xml.slice(inner, end.index) } : undefined
}

/** All elements of that name, one after the other; none of them may stand within another. */
export function findElements(xml: string, name: string): readonly Element[] {
  const found: Element[] = []
  for (let next = findElement(xml, name); next; next = findElement(xml, name, next.to)) found.push(next)
  return found
}

/** An attribute's value as it is written, entities and all; `name` with its prefix. */
export function attributeOf(tag: string, name: string): string | undefined {
  const [, double, single] = new RegExp(String.raw`\s${name}\s*=\s*(?:"([^"]*)"|'([^']*)')`).exec(tag) ?? []
  return double ?? single
}

/** The tag with that attribute, whose value is written already. */
export function withAttribute(tag: string, name: string, value: string): string {
  const there = new RegExp(String.raw`(\s${name}\s*=\s*)(?:"[^"]*"|'[^']*')`)
  if (there.test(tag)) return tag.replace(there, (_, before) => `${before}"${value}"`)
  return tag.replace(/\s*(\/?>)$/, (_, end) => ` ${name}="${value}"${end}`)
}

/** The prefix of a qualified tag, colon included: `x:` of `<x:sheets>`. */
export function prefixOf(tag: string): string {
  return /^<((?:[\w.-]+:)?)/.exec(tag)?.[1] ?? ''
}

/** The text with a span of it replaced. */
export function spliced(xml: string, { from, to }: Pick<Element, 'from' | 'to'>, replacement: string): string {
  return xml.slice(0, from) + replacement + xml.slice(to)
}

/** The element with more behind its last child, and its count of children where it has one. */
export function appended(xml: string, element: Element, child: string): string {
  const count = attributeOf(element.tag, 'count')
  const open = element.tag.replace(/\s*\/>$/, '>')
  const tag = count === undefined ? open : withAttribute(open, 'count', String(Number(count) + 1))
  const qualified = /^<([\w.:-]+)/.exec(tag)?.[1] ?? ''
  return spliced(xml, element, `${tag}${element.content}${child}</${qualified}>`)
}
