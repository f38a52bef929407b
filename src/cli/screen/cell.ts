import { escapeControls } from './escape.ts'
import { displayWidth, truncate } from './width.ts'

/** A cell for people: NULL apart from the text `NULL`, empty text as `''`, control characters escaped. */
export function formatCell(cell: string | null): string {
  if (cell === null) return 'NULL'
  if (cell === '' || cell === 'NULL') return `'${cell}'`
  return escapeControls(cell)
}

/** `old → new` in at most `width` cells, cut so that what differs can be seen. */
export function formatChange(before: string | null, after: string | null, width: number): string {
  const [old, now] = [formatCell(before), formatCell(after)]
  const arrow = ' → '
  if (displayWidth(old) + displayWidth(now) + arrow.length <= width) return old + arrow + now
  const room = Math.max(4, Math.floor((width - arrow.length) / 2))
  const oldRoom = Math.max(room, width - arrow.length - displayWidth(now))
  const newRoom = Math.max(room, width - arrow.length - displayWidth(old))
  const same = commonStart(old, now)
  const skipped = same < Math.min(oldRoom, newRoom) - 4 ? 0 : same - 2
  return truncate(from(old, skipped), oldRoom) + arrow + truncate(from(now, skipped), newRoom)
}

/** How many characters two texts begin with alike; never inside a character. */
function commonStart(a: string, b: string): number {
  let same = 0
  while (same < a.length && a[same] === b[same]) same++
  return same > 0 && /[\uD800-\uDBFF]/.test(a[same - 1] ?? '') ? same - 1 : same
}

function from(text: string, start: number): string {
  if (start <= 0) return text
  const cut = /[\uDC00-\uDFFF]/.test(text[start] ?? '') ? start + 1 : start
  return `…${text.slice(cut)}`
}
