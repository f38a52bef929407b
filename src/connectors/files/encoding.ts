import { unpackedBytes } from './content.ts'
import type { Compression } from './format.ts'
import type { Located } from './locate.ts'
import type { FileOptions } from './options.ts'

/** The encoding of a text file and whether it begins with a byte order mark. */
export interface TextEncoding {
  readonly encoding: string
  readonly mark: boolean
}

/**
 * The encoding of a file by its first bytes: as the options say, but a byte order mark decides between the two orders of
 * UTF-16; else the mark, else UTF-16 where every second byte is zero as it is in Latin text, else UTF-8.
 */
export function sniffEncoding(head: Uint8Array, { encoding }: FileOptions): TextEncoding {
  const marked = markedEncoding(head)
  if (encoding === undefined) return marked ? { encoding: marked, mark: true } : { encoding: unmarkedEncoding(head), mark: false }
  const generic = ['utf-16', 'unicode', 'ucs-2'].includes(encoding)
  if (generic && marked) return { encoding: marked, mark: true }
  return { encoding, mark: marked !== undefined && marked === new TextDecoder(encoding).encoding }
}

/** The encoding of a file by its content. */
export async function sniffEncodingOf(file: Located, compression: Compression, options: FileOptions, signal: AbortSignal): Promise<string> {
  for await (const head of unpackedBytes(file, compression, signal)) return sniffEncoding(head, options).encoding
  return sniffEncoding(new Uint8Array(0), options).encoding
}

function markedEncoding(head: Uint8Array): string | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8'
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  return undefined
}

function unmarkedEncoding(head: Uint8Array): string {
  const sample = head.subarray(0, 1024)
  const zeros = [0, 0]
  for (const [index, byte] of sample.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1
  const [even = 0, odd = 0] = zeros
  const many = sample.length / 6
  if (odd > many && even === 0) return 'utf-16le'
  if (even > many && odd === 0) return 'utf-16be'
  return 'utf-8'
}
