import { type Shown, shownByCode, shownByNumber } from './number-format.ts'
import { walkPart } from './xml-part.ts'
import type { Entry, Package } from './zip.ts'

/** What each cell style, by its number, makes of numbers. */
export type Styles = readonly Shown[]

export async function readStyles(book: Package, entry: Entry | undefined): Promise<Styles> {
  const codes = new Map<number, Shown>()
  const styles: Shown[] = []
  if (!entry) return styles
  await walkPart(book, entry, {
    open: ({ name, parent, attribute }) => {
      if (name === 'numFmt' && parent === 'numFmts') codes.set(Number(attribute('numFmtId')), shownByCode(attribute('formatCode') ?? ''))
      else if (name === 'xf' && parent === 'cellXfs') {
        const id = Number(attribute('numFmtId') ?? 0)
        styles.push(codes.get(id) ?? shownByNumber(id))
      }
    },
  })
  return styles
}
