import { expect, test } from 'vitest'
import { type Progress, progressLine } from './progress-line.ts'
import { createStyle } from './style.ts'
import { displayWidth } from './width.ts'

const progress: Progress = { sync: 'customers', phase: 'comparing', rows: 1_204_000, total: 1_941_935, seconds: 2.92 }
const line = (changes: Partial<Progress>, width: number) =>
  progressLine({ ...progress, ...changes }, { width, style: createStyle(false) }, 9)

test('a bar, rows, rate and time left as far as the screen goes', () => {
  const { total: _, ...unknown } = progress
  const screens = [
    line({}, 160),
    line({}, 80),
    line({}, 60),
    line({ rows: 0 }, 100),
    line({ rows: 1_941_935, phase: 'applying' }, 100),
    progressLine({ ...unknown, phase: 'reading' }, { width: 100, style: createStyle(false) }, 9),
  ]
  expect(screens.join('\n')).toMatchInlineSnapshot(`
    "customers   ████████████████░░░░░░░░░    62%   1,204,000 rows   412,000/s   2 s left   comparing
    customers   █████░░░    62%   1,204,000 rows   412,000/s   2 s left   comparing
    customers   62%  1,204,000 rows  412,000/s  2 s left  comp…
    customers   ░░░░░░░░░░░░░░░░░░░░░░░░░     0%   comparing
    customers   █████████████████████████   100%   1,941,935 rows   665,000/s   applying
    customers   1,204,000 rows   412,000/s   reading"
  `)
  for (const [text, width] of [[screens[1], 80] as const, [screens[2], 60] as const]) expect(displayWidth(text ?? '')).toBeLessThan(width)
})
