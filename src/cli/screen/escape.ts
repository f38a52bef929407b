/**
 * Characters that move the cursor, turn the reading direction or cannot be seen: they would let a cell write over the
 * screen (terminal injection).
 */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]|\p{Cs}/gu

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' }

/** The text in one line that a terminal shows as it is; control characters as escapes such as `\n` and `\u001b`. */
export function escapeControls(text: string): string {
  return text.replace(unsafe, (character) => named[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The same for messages of several lines: line breaks stay. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeControls).join('\n')
}
