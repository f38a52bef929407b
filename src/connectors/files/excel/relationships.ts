import { posix } from 'node:path'
import { walkPart } from './xml-part.ts'
import type { Package } from './zip.ts'

/** A link from one part of a package to another (ECMA-376 part 2, 9.3). */
export interface Relationship {
  readonly id: string
  /** The last word of the type, which strict and transitional books share: `worksheet`, `sharedStrings`, `styles` … */
  readonly kind: string
  /** The name of the part it leads to, resolved; `undefined` where it leads out of the package: such links are never followed. */
  readonly part: string | undefined
}

/**
 * The relationships of a part, in their order; none where it has none.
 * @param part its name, or an empty text for those of the package.
 */
export async function readRelationships(book: Package, part: string): Promise<readonly Relationship[]> {
  const entry = book.find(relationshipsPart(part))
  const found: Relationship[] = []
  if (!entry) return found
  await walkPart(book, entry, {
    open: (element) => {
      if (element.name !== 'Relationship') return
      const target = element.attribute('Target') ?? ''
      const outside = element.attribute('TargetMode') === 'External'
      found.push({
        id: element.attribute('Id') ?? '',
        kind: (element.attribute('Type') ?? '').split('/').at(-1) ?? '',
        part: outside ? undefined : resolvePart(part, target),
      })
    },
  })
  return found
}

/** Where the relationships of a part are kept: `xl/_rels/workbook.xml.rels`. */
export function relationshipsPart(part: string): string {
  return posix.join(posix.dirname(part), '_rels', `${posix.basename(part)}.rels`)
}

/** Targets are relative to their part; a leading `/` means the package. */
function resolvePart(part: string, target: string): string {
  const path = decoded(target.replaceAll('\\', '/'))
  return posix.join('/', path.startsWith('/') ? '' : posix.dirname(part), path).slice(1)
}

function decoded(target: string): string {
  try {
    return decodeURIComponent(target)
  } catch {
    return target
  }
}
