/** What a text cannot have in XML 1.0, or would lose there: a parser makes LF of CR. */
const unheld = String.raw`\u0000-\u0008\u000b-\u001f\ufffe\uffff`
const special = new RegExp(`[&<>${unheld}]|_x[0-9A-Fa-f]{4}`)
const replaced = new RegExp(`[&<>${unheld}]|_(?=x[0-9A-Fa-f]{4}[_${unheld}])`, 'g')
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/**
 * A text as the content of an element of a book: characters that XML cannot hold as `_x0001_`, and a `_` that would begin such
 * an escape as `_x005F_` (ECMA-376 part 1, 22.9.2.19).
 */
export function escapedText(text: string): string {
  if (!special.test(text)) return text
  return text.replace(replaced, (found) => entities[found] ?? `_x${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
}

/** A text as an attribute's value between double quotes. */
export function escapedAttribute(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (found) => entities[found] ?? `&#${found.charCodeAt(0)};`)
}

/** The inverse of {@link escapedAttribute}, for the values that books have. */
export function unescapedAttribute(xml: string): string {
  return xml.replace(/&(?:#(\d+)|#x([0-9A-Fa-f]+)|(\w+));/g, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    return named[name] ?? whole
  })
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
