/** What a number format makes of a number. `clock` shows a time of day only, `elapsed` hours that go past 24. */
export type Shown = 'number' | 'date' | 'timestamp' | 'clock' | 'elapsed'

const elapsedId = 46
const builtIn: readonly (readonly [from: number, to: number, shown: Shown])[] = [
  [14, 17, 'date'],
  [18, 21, 'clock'],
  [22, 22, 'timestamp'],
  // Those of East Asian versions (ECMA-376, 18.8.30); 55 and 56 are a time in one language and a month in another.
  [27, 31, 'date'],
  [32, 35, 'clock'],
  [36, 36, 'date'],
  [45, 45, 'clock'],
  [elapsedId, elapsedId, 'elapsed'],
  [47, 47, 'clock'],
  [50, 54, 'date'],
  [55, 56, 'timestamp'],
  [57, 58, 'date'],
]

/** What a format does that books only name by its number (ECMA-376, 18.8.30). */
export function shownByNumber(id: number): Shown {
  return builtIn.find(([from, to]) => id >= from && id <= to)?.[2] ?? 'number'
}

/** What a format does by its code: `0.00`, `yyyy-mm-dd`, `[$-407]d. mmmm yyyy;@`, `[h]:mm`. */
export function shownByCode(code: string): Shown {
  const [section = ''] = withoutLiterals(code).split(';')
  if (/\[(h+|m+|s+)\]/i.test(section)) return 'elapsed'
  const plain = section.replace(/\[[^\]]*\]/g, '').toLowerCase()
  if (/^\s*general/.test(plain)) return 'number'
  const clock = /h|s|am\/pm|a\/p|上午|下午/.test(plain)
  // An `e` between digits is an exponent; alone it is a year of an era.
  const letters = plain.replace(/[0#?]e[+-]?/g, '').replace(/am\/pm|a\/p/g, '')
  const day = /[ydgbe]/.test(letters) || (/m/.test(letters) && !minutesOnly(letters))
  if (day) return clock ? 'timestamp' : 'date'
  return clock ? 'clock' : 'number'
}

/** Quoted and escaped characters, fillers and blanks of a certain width are shown as they are. */
function withoutLiterals(code: string): string {
  return code.replace(/"[^"]*"?|\\.|_.|\*./gs, '')
}

/** Whether every `m` stands for minutes: behind hours or before seconds. */
function minutesOnly(letters: string): boolean {
  return !/m/.test(letters.replace(/(h+[^a-z]*)m{1,2}(?!m)/g, '$1').replace(/m{1,2}(?=[^a-z]*s)/g, ''))
}
