import { expect, test } from 'vitest'
import { createStyle } from '../screen/style.ts'
import { rejectLines } from './rejects.ts'

test('a row stands above what the target said of it, which cannot steer a terminal', () => {
  const kept = {
    sync: 'contacts',
    run: '4f2c',
    reason: 'constraint',
    detail: 'the API refused the insert with 422',
    row: { id: '3' },
  } as const
  const lines = rejectLines(
    [
      { ...kept, answer: '{"error":"no\u001b[2J"}' },
      { ...kept, row: { id: '4' } },
    ],
    {
      width: 40,
      style: createStyle(false),
    },
  )
  expect(lines).toEqual([
    'contacts   2 rejects of run 4f2c',
    '  constraint: the API refused the insert with 422',
    '    id=3',
    expect.stringMatching(/^ {6}\{"error":"no.*\[2J"\}$/),
    '    id=4',
  ])
  expect(lines.join('')).not.toContain('\u001b')
})
