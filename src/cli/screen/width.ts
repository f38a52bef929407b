let segmenter: Intl.Segmenter | undefined

/** Made when first needed: loading `Intl` takes longer than most commands. */
function graphemes(text: string): Iterable<Intl.SegmentData> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return segmenter.segment(text)
}

const wideScripts = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}]/u
const wideForms = /^[\u3000-\u303E\u30FB\u30FC\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6]/u
const halfForms = /^[\uFF61-\uFFDC]/u
let emoji: RegExp | undefined
const invisible = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

/** How many cells of a terminal a text takes: two for East Asian wide characters and emoji, none for combining marks. */
export function displayWidth(text: string): number {
  if (isAscii(text)) return text.length
  let width = 0
  for (const { segment } of graphemes(text)) width += cells(segment)
  return width
}

/** The text in at most `width` cells; what is cut off ends in `…`. */
export function truncate(text: string, width: number): string {
  if (text.length <= width && isAscii(text)) return text
  if (displayWidth(text) <= width) return text
  let kept = ''
  let left = width - 1
  for (const { segment } of graphemes(text)) {
    left -= cells(segment)
    if (left < 0) break
    kept += segment
  }
  return width < 1 ? '' : `${kept}…`
}

/** The text filled up with spaces to `width` cells; longer ones stay as they are. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return align === 'left' ? text + space : space + text
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7E]*$/.test(text)
}

function cells(grapheme: string): 0 | 1 | 2 {
  if (invisible.test(grapheme)) return 0
  if (halfForms.test(grapheme)) return 1
  return wideScripts.test(grapheme) || wideForms.test(grapheme) || isEmoji(grapheme) ? 2 : 1
}

/** Its pattern is made when first needed: it spells out every emoji there is, which takes longer than most commands. */
function isEmoji(grapheme: string): boolean {
  emoji ??= /^\p{RGI_Emoji}/v
  return emoji.test(grapheme)
}
