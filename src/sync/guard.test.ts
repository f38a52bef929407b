import { describe, expect, test } from 'vitest'
import { type Impact, passedGuard } from './guard.ts'

const impact = (parts: Partial<Impact>): Impact => ({
  inserts: 0,
  updates: 0,
  deletes: 0,
  target: 10_000,
  source: 10_000,
  cascades: [],
  ...parts,
})

describe('the default guards (rule 20)', () => {
  test.each<[string, Partial<Impact>, boolean]>([
    ['nothing', {}, false],
    ['exactly 10% deleted', { deletes: 1_000 }, false],
    ['more than 10% and more than 100 rows deleted', { deletes: 1_001 }, true],
    ['more than 10%, but 100 rows', { deletes: 100, target: 900 }, false],
    ['more than half of ten rows', { deletes: 6, target: 10 }, true],
    ['half of ten rows', { deletes: 5, target: 10 }, false],
    ['all of nine rows, the source not empty', { deletes: 9, target: 9, source: 1 }, false],
    ['more than half updated, more than 1,000 rows', { updates: 5_001 }, true],
    ['more than half updated, 1,000 rows', { updates: 1_000, target: 1_500 }, false],
    ['any number of inserts', { inserts: 1_000_000 }, false],
    ['an empty source and a target with one row', { deletes: 1, target: 1, source: 0 }, true],
    ['an empty source and an empty target', { target: 0, source: 0 }, false],
  ])('%s', (_, parts, stands) => expect(passedGuard(undefined, impact(parts)) !== undefined).toBe(stands))

  test('say what would happen, how much that is and what the limit is', () => {
    expect(passedGuard({ deletes: { share: 0.1 } }, impact({ deletes: 8_112, target: 20_000 }))?.reason).toBe(
      '8,112 rows of 20,000 would be deleted (41%, the guard is 10%)',
    )
  })
})

describe('a configured guard acts alone', () => {
  test('a looser limit on deletes lets pass what the default withholds', () => {
    expect(passedGuard({ deletes: { share: 0.9 } }, impact({ deletes: 8_000, updates: 9_000 }))).toBeUndefined()
  })

  test('a limit of rows and a share is passed when both are', () => {
    const guard = { deletes: { rows: 50, share: 0.1 } }
    expect(passedGuard(guard, impact({ deletes: 60 }))).toBeUndefined()
    expect(passedGuard(guard, impact({ deletes: 40, target: 100 }))).toBeUndefined()
    expect(passedGuard(guard, impact({ deletes: 60, target: 100 }))).toBeDefined()
  })

  test('an empty source is still withheld, unless that is allowed', () => {
    const emptied = impact({ deletes: 5, target: 5, source: 0 })
    expect(passedGuard({ deletes: { rows: 100 } }, emptied)).toBeDefined()
    expect(passedGuard({ deletes: { rows: 100 }, empty: 'allow' }, emptied)).toBeUndefined()
  })

  test('deletes that take rows of other tables along are withheld, unless that is allowed', () => {
    const cascading = impact({ deletes: 1, cascades: ['lines.order_id'] })
    expect(passedGuard(undefined, cascading)?.reason).toContain('lines.order_id')
    expect(passedGuard({ deletes: { rows: 5 } }, cascading)).toBeDefined()
    expect(passedGuard({ cascades: 'allow' }, cascading)).toBeUndefined()
    expect(passedGuard(undefined, { ...cascading, deletes: 0 })).toBeUndefined()
  })
})

describe('a guard without limits', () => {
  test('keeps those that hold by default: to allow cascades is not to allow everything', () => {
    expect(passedGuard({ cascades: 'allow' }, impact({ deletes: 1_001, cascades: ['lines.order_id'] }))?.reason).toContain('10%')
    expect(passedGuard({ proceed: 'inserts' }, impact({ deletes: 1_001 }))).toBeDefined()
    expect(passedGuard({}, impact({ updates: 5_001 }))).toBeDefined()
  })

  test('that lets an empty source pass lets go all that the target holds, and holds on to the limits otherwise', () => {
    expect(passedGuard({ empty: 'allow' }, impact({ deletes: 10_000, source: 0 }))).toBeUndefined()
    expect(passedGuard({ empty: 'allow' }, impact({ deletes: 9_999, source: 1 }))).toBeDefined()
    expect(passedGuard({ empty: 'allow', deletes: { rows: 10 } }, impact({ deletes: 10_000, source: 0 }))).toBeDefined()
  })

  test('off is off', () => {
    expect(passedGuard('off', impact({ deletes: 10_000, source: 0, cascades: ['lines.order_id'] }))).toBeUndefined()
  })
})

describe('inserts go on by choice', () => {
  const deleting = impact({ deletes: 1_001, inserts: 7 })
  test.each<[string, Parameters<typeof passedGuard>[0], Impact, boolean]>([
    ['where the rest is withheld', { proceed: 'inserts' }, deleting, true],
    ['where a limit of its own is passed', { proceed: 'inserts', updates: { rows: 0 } }, impact({ updates: 1, inserts: 7 }), true],
    ['not without being asked', {}, deleting, false],
    ['not where they are too many themselves', { proceed: 'inserts', deletes: { rows: 0 }, inserts: { rows: 6 } }, deleting, false],
  ])('%s', (_, guard, found, goesOn) => expect(passedGuard(guard, found)).toMatchObject({ insertsProceed: goesOn }))
})
