import { expect, test } from 'vitest'
import { shownByCode, shownByNumber } from './number-format.ts'

test.each([
  ['General', 'number'],
  ['0.00', 'number'],
  ['0.00E+00', 'number'],
  ['##0.0E+0', 'number'],
  ['0%', 'number'],
  ['#,##0.00 "Stück"', 'number'],
  ['#,##0.00\\ "dm"', 'number'],
  ['[$€-407] #,##0.00;[Red]-[$€-407] #,##0.00', 'number'],
  ['_-* #,##0.00\\ _D_M_-;-* #,##0.00\\ _h_m_-', 'number'],
  ['[>=1000000]0.0,,"M";[>=1000]0.0,"K";0', 'number'],
  ['@', 'number'],
  ['yyyy-mm-dd', 'date'],
  ['[$-407]d. mmmm yyyy;@', 'date'],
  ['mmm-yy', 'date'],
  ['mmmm', 'date'],
  ['m', 'date'],
  ['[$-411]ggge"年"m"月"d"日"', 'date'],
  ['dd"/"mm"/"yyyy', 'date'],
  ['yyyy-mm-dd hh:mm', 'timestamp'],
  ['m/d/yy h:mm AM/PM', 'timestamp'],
  ['dd\\.mm\\.yyyy\\ hh:mm:ss.000', 'timestamp'],
  ['hh:mm', 'clock'],
  ['h:mm AM/PM', 'clock'],
  ['mm:ss', 'clock'],
  ['mm:ss.0', 'clock'],
  ['h "h" mm', 'clock'],
  ['[h]:mm', 'elapsed'],
  ['[hh]:mm:ss', 'elapsed'],
  ['[mm]:ss', 'elapsed'],
  ['[s]', 'elapsed'],
])('%s shows a %s', (code, shown) => {
  expect(shownByCode(code)).toBe(shown)
})

test.each([
  [0, 'number'],
  [4, 'number'],
  [9, 'number'],
  [14, 'date'],
  [17, 'date'],
  [18, 'clock'],
  [22, 'timestamp'],
  [37, 'number'],
  [44, 'number'],
  [45, 'clock'],
  [46, 'elapsed'],
  [49, 'number'],
  [58, 'date'],
])('number %i shows a %s', (id, shown) => {
  expect(shownByNumber(id)).toBe(shown)
})
