import { set_cptable } from '@e965/xlsx'
import { RunError } from '../../../core/errors.ts'

/** Code pages of Windows and the Macintosh by the labels of the WHATWG Encoding Standard. */
const labels: Readonly<Record<number, string>> = {
  866: 'ibm866',
  874: 'windows-874',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  1200: 'utf-16le',
  1201: 'utf-16be',
  1361: 'euc-kr',
  10000: 'macintosh',
  10007: 'x-mac-cyrillic',
  20866: 'koi8-r',
  28591: 'windows-1252',
  65001: 'utf-8',
}

/** Books of Excel 5 and 95 hold text in code pages: without them SheetJS reads every one as ISO 8859-1, without a word. */
export function useCodePages(): void {
  set_cptable({ utils: { decode, encode: () => [], hascp: (page: number) => labelOf(page) !== undefined } })
}

/** @throws RunError where text outside of ASCII is in a code page that Node does not know. */
export function decode(page: number, data: ArrayLike<number> | string): string {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : Uint8Array.from(data)
  const label = labelOf(page)
  if (label !== undefined) return new TextDecoder(label, { ignoreBOM: true }).decode(bytes)
  if (bytes.every((byte) => byte < 128)) return Buffer.from(bytes).toString('latin1')
  throw new RunError({
    code: 'UNKNOWN_CODE_PAGE',
    message: `the book holds text in code page ${page}, which cannot be read`,
    hint: 'save it as .xlsx',
  })
}

function labelOf(page: number): string | undefined {
  return labels[page] ?? (page >= 1250 && page <= 1258 ? `windows-${page}` : undefined)
}
