import { expect, test } from 'vitest'
import { parseTargetOptions } from './options.ts'

const parse = (options: Readonly<Record<string, unknown>>) => parseTargetOptions({ name: '/contacts?team=7', options })

test('the usual requests are those of the resource', () => {
  const { insert, update, delete: deletion, idempotency } = parse({})
  expect([insert, update, deletion].map(({ method, shown }) => `${method} ${shown}`)).toEqual([
    'POST /contacts?team=7',
    'PATCH /contacts/{$key}',
    'DELETE /contacts/{$key}',
  ])
  expect(deletion.body).toBeUndefined()
  expect(idempotency).toBeUndefined()
  expect(parse({ id: '$.data.id' }).update.shown).toBe('/contacts/{$id}')
  expect(parse({ idempotency: {} }).idempotency).toBe('Idempotency-Key')
})

test.each([
  [{ insrt: {} }, 'did you mean `insert`?'],
  [{ insert: { method: 'GET' } }, '`insert.method`'],
  [{ insert: { batch: 0 } }, '`insert.batch`'],
  [{ insert: { batch: { rows: 5, body: { items: [] } } } }, '$rows'],
  [{ insert: { batch: { rows: 5, results: { at: 'results' } } } }, 'results.at'],
  [{ insert: { headers: { 'not a name': 'x' } } }, '`insert.headers`'],
  [{ id: '$.items[*].id' }, '`id`'],
  [{ nulls: 'leave out' }, 'keep, omit'],
  [{ deletes: 'all' }, 'tracked'],
  [{ deletes: 'tracked', read: { rows: '$' } }, '`deletes`'],
  [{ read: '$.items' }, '`read`'],
])('%j is refused', (options, said) => {
  const refusal = (() => {
    try {
      parse(options)
      return undefined
    } catch (error) {
      return error as { readonly code: string; readonly message: string; readonly hint?: string }
    }
  })()
  expect(`${refusal?.message} ${refusal?.hint}`).toContain(said)
})
