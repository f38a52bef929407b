import { malformed } from '../../file-errors.ts'
import { xmlBytes } from '../xml-part.ts'
import { checkUtf8 } from '../xml-scan.ts'
import type { Entry, Package } from '../zip.ts'

const largest = 64 << 20

/** A small part as text, to be edited and written as UTF-8. @throws RunError where it is too large for that, or no text. */
export async function partText(book: Package, entry: Entry): Promise<string> {
  const place = `${book.name} (${entry.name})`
  if (entry.size > largest) throw malformed({ file: place }, `expected a small part, found one of ${entry.size >> 20} MiB`)
  const chunks: Uint8Array[] = []
  for await (const chunk of xmlBytes(book, entry)) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  checkUtf8(bytes, place)
  return inUtf8(bytes.toString('utf8'))
}

/** XML whose declaration says what it is now. */
export function inUtf8(xml: string): string {
  return xml.replace(/^(\ufeff?<\?xml[^>]*encoding=)(["'])[^"']*\2/, '$1"UTF-8"')
}

export async function* textBytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
