import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isolate, listed, type Part, span } from './halving.ts'

async function apply(whole: Part, bad: ReadonlySet<number>, most = Number.POSITIVE_INFINITY) {
  const applied: number[] = []
  let attempts = 0
  const attempt = async (part: Part) => {
    attempts++
    const found = [...part.numbers()].find((number) => bad.has(number))
    if (found !== undefined) return `row ${found}`
    applied.push(...[...part.numbers()])
    return undefined
  }
  const refused = await isolate(whole, 'the whole', attempt, most)
  return { applied, refused: [...refused.keys()], attempts }
}

test('the rows at fault stand alone, and every other one is applied once, in order', async () => {
  const someRows = fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 200 })
  const cases = fc
    .tuple(someRows, fc.boolean())
    .chain(([rows, asList]) => fc.tuple(fc.constant({ rows, asList }), fc.subarray(rows, { minLength: 1 })))
  await fc.assert(
    fc.asyncProperty(cases, async ([{ rows, asList }, faulty]) => {
      const numbers = asList ? rows : rows.map((_, index) => index + 1)
      const bad = new Set(asList ? faulty : faulty.map((row) => rows.indexOf(row) + 1))
      const { applied, refused } = await apply(asList ? listed(rows) : span(1, rows.length + 1), bad)
      expect(applied).toEqual(numbers.filter((number) => !bad.has(number)))
      expect(refused).toEqual(numbers.filter((number) => bad.has(number)))
    }),
  )
})

test('one bad row among a million takes forty attempts', async () => {
  const attempts: string[] = []
  const bad = 654_321
  const holds = (part: Part) => part.first <= bad && bad < part.first + part.size
  const refused = await isolate(
    span(1, 1_000_001),
    'the whole',
    async (part) => {
      attempts.push(part.condition('n'))
      return holds(part) ? 'bad' : undefined
    },
    10,
  )
  expect([...refused.keys()]).toEqual([bad])
  expect(attempts.length).toBeLessThanOrEqual(40)
  expect(attempts[0]).toBe('n BETWEEN 1 AND 500000')
})

test('past the most, the search ends', async () => {
  const { refused, attempts } = await apply(span(1, 1025), new Set(Array.from({ length: 1024 }, (_, index) => index + 1)), 3)
  expect(refused).toEqual([1, 2, 3, 4])
  expect(attempts).toBeLessThan(20)
})
