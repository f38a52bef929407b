import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatExact, type Json } from './exact-json.ts'
import { jsonPage, ndjsonPage } from './json-page.ts'
import type { PageListener } from './page-reader.ts'
import { parsePath, parseSinglePath } from './value-path.ts'

interface Found {
  readonly rows: string[]
  readonly facts: Record<string, Json>
}

function listener(): PageListener & Found {
  const found: Found = { rows: [], facts: {} }
  return {
    ...found,
    row: (row) => void found.rows.push(formatExact(row)),
    fact: (name, value) => {
      found.facts[name] = value
    },
  }
}

/** Reads a page in chunks of so many bytes. */
function read(text: string | Uint8Array, rows: string, size = 1_000, facts: Readonly<Record<string, string>> = {}): Found {
  const heard = listener()
  const paths = Object.fromEntries(Object.entries(facts).map(([name, path]) => [name, parseSinglePath(name, path)]))
  const page = rows === 'ndjson' ? ndjsonPage(heard) : jsonPage({ rows: parsePath('rows', rows), facts: paths }, heard)
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) page.write(bytes.subarray(at, at + size))
  page.finish()
  return heard
}

test.each([
  ['$', '[{"a":1},{"a":2}]'],
  ['$.items', '{"x":[{"a":9}],"items":[{"a":1},{"a":2}],"y":{"items":[{"a":3}]}}'],
  ["$['the items']", '{"the items":[{"a":1},{"a":2}]}'],
  ['$.data[*].attributes', '{"data":[{"id":7,"attributes":{"a":1}},{"attributes":{"a":2},"links":{"attributes":{"a":3}}}]}'],
  ['$[*]', '[{"a":1},{"a":2}]'],
  ['$.orders[*].lines', '{"orders":[{"lines":[{"a":1}]},{"lines":[]},{"lines":[{"a":2}]}]}'],
  ['$.a.b', '{"b":[{"a":7}],"a":{"a":[{"a":8}],"b":[{"a":1},{"a":2}]}}'],
  ['ndjson', '{"a":1}\n{"a":2}\n'],
  ['ndjson', ' {"a":1} {"a":\n2}'],
])('%s finds the rows of %s', (rows, text) => {
  for (const size of [1, 2, 3, 1_000]) expect(read(text, rows, size).rows).toEqual(['{"a":1}', '{"a":2}'])
})

test('empty arrays have no rows', () => {
  expect(read('[]', '$').rows).toEqual([])
  expect(read('{"data":[]}', '$.data[*].attributes').rows).toEqual([])
  expect(read('', 'ndjson').rows).toEqual([])
})

test('facts are found before and after the rows', () => {
  const text = '{"meta":{"total":12345678901234567890,"x":{"total":1}},"items":[{"next":1}],"next":"a\\u0062","more":false,"none":null}'
  const facts = { total: '$.meta.total', next: '$.next', more: '$.more', none: '$.none', absent: '$.meta.absent' }
  for (const size of [1, 1_000]) {
    const found = read(text, '$.items', size, facts)
    expect(formatExact(found.facts)).toBe('{"total":12345678901234567890,"next":"ab","more":false,"none":null}')
    expect(found.rows).toEqual(['{"next":1}'])
  }
})

test.each([
  ['$.items', '{"item":[]}', 'found no `items` on the way'],
  ['$.items', '{"items":null}', 'found another value'],
  ['$.items', '{"items":{"a":1}}', 'found one object'],
  ['$', '{"error":"s3cret"}', 'found one object'],
  ['$.items[*]', '{"items":{"a":1}}', 'found another kind of value on the way'],
  ['$.items[*]', '{"items":null}', 'found another kind of value on the way'],
  ['$.a.b', '{"a":[]}', 'found another kind of value on the way'],
  ['$.data[*].attributes', '{"data":[{"id":1}]}', 'found no `attributes` on the way'],
  ['$.items', '{"items":[],"items":[]}', 'found a name twice'],
  ['$', '[1]', 'expected every row to be an object'],
  ['$', '[{"a":1,"a":2}]', 'expected every name once in a row'],
  ['$', '[{"a":1}', 'cut short'],
  ['$', '[{"a":1},', 'cut short'],
  ['$', '[{"a":1}, {"a":"x', 'cut short'],
  ['$', '', 'found nothing'],
  ['$', '[{"a":1}]]', 'found more'],
  ['$', '[{"a":1} {"a":2}]', 'expected JSON'],
  ['$', '[{"a":01}]', 'a text or number that is none'],
  ['$', '[{"a":tru}]', 'a text or number that is none'],
  ['$', '[{"a":"\\x"}]', 'a text or number that is none'],
  ['$', '[{"a":1,}]', 'expected JSON'],
  ['$', '<html>', 'expected JSON'],
  ['ndjson', '{"a":1}\n{"a"', 'cut short'],
])('%s of %s is refused', (rows, text, message) => {
  for (const size of [1, 1_000]) expect(() => read(text, rows, size)).toThrow(message)
})

test('text that is no UTF-8 is refused', () => {
  expect(() => read(Buffer.from([...Buffer.from('[{"a":"'), 0xff, ...Buffer.from('"}]')]), '$')).toThrow('UTF-8')
})

test.each(['items', '$.', '$..a', '$.a[0]', '$.a[?(@.b)]', '$ .a', '$.a b', 7])('%j is no path', (path) => {
  expect(() => parsePath('rows', path)).toThrow('`rows`: expected a path')
})

test('numbers keep every digit, whatever stands around them', () => {
  const text = '[{"n":12345678901234567890.123,"e":-1.50E+3,"z":0.10,"d":{"n":[1.0,99999999999999999999]}}]'
  expect(read(text, '$', 5).rows).toEqual([text.slice(1, -1)])
})

test('law: any rows are found again, however the bytes are cut', () => {
  const row = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true })
  fc.assert(
    fc.property(fc.array(row), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 3 }), (rows, size, indent) => {
      const found = read(JSON.stringify({ before: rows, a: { items: rows }, after: [rows] }, null, indent), '$.a.items', size)
      expect(found.rows).toEqual(rows.map((one) => JSON.stringify(one)))
    }),
  )
})

test('law: a document that is cut short is never taken for a whole one', () => {
  const text = '{"total": 2, "items": [{"a": "x\\"y", "b": [1, {"c": null}]}, {"a": 2.5}], "next": "n"}'
  for (let end = 0; end < text.length; end++) expect(() => read(text.slice(0, end), '$.items')).toThrow()
})
