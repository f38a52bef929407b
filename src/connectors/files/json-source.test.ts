import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openFolder, openSnapshot, shownTypes, sorted } from '../../../test/files/folder.ts'

async function taken(content: string | Uint8Array, options: Record<string, unknown> = {}, name = 'a.json') {
  await using folder = await openFolder()
  await folder.put(name, content)
  const ref = { name, options }
  return { types: shownTypes(await folder.table(ref)), rows: sorted(await folder.read(ref)) }
}

async function failure(content: string | Uint8Array, name = 'a.json') {
  return await taken(content, {}, name).then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('what JSON means', () => {
  test('numbers keep every digit, texts stay texts', async () => {
    const content = `[{"n": 12345678901234567890.123456789012345678901234567890, "i": 7, "t": "007", "e": 1E+400, "z": -0.0, "d": 1.10}]`
    expect(await taken(content)).toEqual({
      types: { n: 'untyped', i: 'untyped', t: 'text', e: 'untyped', z: 'untyped', d: 'untyped' },
      rows: [['12345678901234567890.123456789012345678901234567890', '7', '007', '1E+400', '-0.0', '1.10']],
    })
  })

  test('null and missing are NULL, empty text is text', async () => {
    expect((await taken('[{"a": null, "b": ""}, {"b": "x"}, {"a": 1}]')).rows).toEqual(
      sorted([
        [null, ''],
        [null, 'x'],
        ['1', null],
      ]),
    )
  })

  test('names come from all rows, in the order they come up', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => (i === 2999 ? { id: i, late: 'x', first: 1 } : { id: i }))
    const { types, rows: found } = await taken(JSON.stringify(rows))
    expect(Object.keys(types)).toEqual(['id', 'late', 'first'])
    expect(found).toHaveLength(3000)
    expect(found.filter((row) => row[1] !== null)).toEqual([['2999', 'x', '1']])
  })

  test('members in any order', async () => {
    expect((await taken('[{"a": 1, "b": 2}, {"b": 4, "a": 3}]')).rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ])
  })

  test('what is nested is JSON as it stands', async () => {
    const { types, rows } = await taken('[{"o": {"a": [1.10, "x,\\"y\\""]}, "l": []}, {"o": null, "l": [ 1,\n 2 ]}]')
    expect(types).toEqual({ o: 'json', l: 'json' })
    expect(rows).toEqual(
      sorted([
        ['{"a": [1.10, "x,\\"y\\""]}', '[]'],
        [null, '[ 1,\n 2 ]'],
      ]),
    )
  })

  test('what is nested here and a scalar there is JSON throughout', async () => {
    const { types, rows } = await taken('[{"v": "x"}, {"v": {"a": 1}}, {"v": 1}, {"v": null}]')
    expect(types).toEqual({ v: 'json' })
    expect(rows).toEqual(sorted([['"x"'], ['{"a": 1}'], ['1'], [null]]))
  })

  test('booleans are booleans, scalars of several kinds are text', async () => {
    const { types, rows } = await taken('[{"b": true, "m": 1, "e": null}, {"b": false, "m": "x", "e": null}]')
    expect(types).toEqual({ b: 'boolean', m: 'text', e: 'untyped' })
    expect(rows).toEqual(
      sorted([
        ['true', '1', null],
        ['false', 'x', null],
      ]),
    )
  })

  test('escapes, newlines and all of Unicode', async () => {
    const text = 'tab\t nl\n cr\r quote" slash/ back\\ é 𝄞 \u0001 \u0000'
    const escaped = JSON.stringify([{ t: text, 'na"me\n': '\u{1d11e}' }]).replace('𝄞', '\\ud834\\udd1e')
    const { types, rows } = await taken(escaped)
    expect(Object.keys(types)).toEqual(['t', 'na"me\n'])
    expect(rows).toEqual([[text, '𝄞']])
  })

  test('blanks and newlines of every kind between values', async () => {
    expect((await taken('\ufeff \r\n[\t{ "a"\r\n: 1 ,\n"b" : "x" } , {}\n]\r\n ')).rows).toEqual(
      sorted([
        ['1', 'x'],
        [null, null],
      ]),
    )
  })

  test('an array without rows', async () => {
    expect(await taken('[ ]\n')).toEqual({ types: {}, rows: [] })
  })

  test('rows larger than any chunk', async () => {
    const long = 'é"'.repeat(2_000_000)
    expect((await taken(JSON.stringify([{ a: long, b: { deep: long } }, { a: 'x' }]))).rows).toHaveLength(2)
  })

  test('columns: a type overrides, json keeps the quotes', async () => {
    const found = await taken('[{"id": "1", "j": "x"}]', { columns: { id: 'bigint', j: 'json' } })
    expect(found).toEqual({ types: { id: 'bigint', j: 'json' }, rows: [['1', '"x"']] })
  })

  test('compressed, in another encoding, several files', async () => {
    expect((await taken(gzipSync('[{"a": 1}]'), {}, 'a.json.gz')).rows).toEqual([['1']])
    expect((await taken(Buffer.from('\ufeff[{"a": "é"}]', 'utf16le'))).rows).toEqual([['é']])
    await using folder = await openFolder()
    await folder.put('1.json', '[{"a": 1}]')
    await folder.put('2.json', '[{"b": 2}]')
    expect(sorted(await folder.read({ name: '*.json' }))).toEqual(
      sorted([
        ['1', null],
        [null, '2'],
      ]),
    )
  })
})

describe('NDJSON', () => {
  test('is an object a line; blank lines and a missing last newline do not matter', async () => {
    const { types, rows } = await taken('{"a": 1, "b": "x"}\n\n{"a": 2}', {}, 'a.ndjson')
    expect(types).toEqual({ a: 'untyped', b: 'text' })
    expect(rows).toEqual([
      ['1', 'x'],
      ['2', null],
    ])
  })

  test('an escape at the very end', async () => {
    expect((await taken('{"a":"\\""}', {}, 'a.ndjson')).rows).toEqual([['"']])
  })

  test('may be empty, and may be named', async () => {
    expect((await taken('\n', {}, 'a.jsonl')).rows).toEqual([])
    expect((await taken('{"a": 1}\n', { format: 'ndjson' }, 'a.json')).rows).toEqual([['1']])
  })

  test('cut short', async () => {
    expect(await failure('{"a": 1}\n{"a": 2', 'a.ndjson')).toMatchObject({
      code: 'MALFORMED_FILE',
      message: expect.stringContaining('a.ndjson, line 2'),
    })
  })
})

describe('structural errors', () => {
  test.each([
    ['cut short in a row', '[{"a": 1},\n{"a": 2', 2, 'cut short'],
    ['cut short between rows', '[{"a": 1},', 1, 'cut short'],
    ['cut short in a number', '[{"a": 1', 1, 'cut short'],
    ['cut short in a word', '[{"a": tr', 1, 'cut short'],
    ['no closing bracket', '[{"a": 1}\n', 2, 'cut short'],
    ['nothing', '', 1, 'found nothing'],
    ['an object on top', '{"rows": []}', 1, 'expected an array of objects, found an object'],
    ['a scalar on top', '7', 1, 'expected an array of objects'],
    ['a row that is no object', '[{"a": 1},\n7]', 2, 'every row is one'],
    ['more after the array', '[]\n[]', 2, 'end of the file'],
    ['a trailing comma', '[{"a": 1},]', 1, 'every row is one'],
    ['a trailing comma in a row', '[{"a": 1,}]', 1, 'a name in double quotes'],
    ['a missing comma', '[{"a": 1} {"a": 2}]', 1, '`,` or `]`'],
    ['a missing colon', '[{"a" 1}]', 1, '`:`'],
    ['single quotes', "[{'a': 1}]", 1, 'a name in double quotes'],
    ['a leading zero', '[{"a": 007}]', 1, 'leading zeros'],
    ['NaN', '[{"a": NaN}]', 1, 'a value'],
    ['a bare point', '[{"a": 1.}]', 1, 'a digit'],
    ['a newline in a text', '[{"a": "x\ny"}]', 1, 'an escape'],
    ['an unknown escape', '[{"a": "\\x"  ,"b":1}]', 1, 'backslash'],
    ['a short escape', '[{"a": "\\u12g4"}]', 1, 'hexadecimal'],
    ['half of a surrogate pair', '[{"a": "\\ud834"}]', undefined, 'surrogate'],
    ['a name twice', '[{"a": 1, "b": 2, "a": 3}]', 1, 'found one twice'],
    ['a name twice, once escaped', '[{"a": 1, "\\u0061": 3}]', 1, 'found one twice'],
    ['names that differ in case', '[{"a": 1, "A": 2}]', undefined, 'differ in case only'],
    ['a broken list within a value', '[{"a": [1,,2]}]', 1, 'a value'],
    ['a broken object within a value', '[{"a": {"b" 2}}]', 1, '`:`'],
    ['too many levels', `[{"a": ${'['.repeat(2000)}${']'.repeat(2000)}}]`, 1, 'within each other'],
  ])('%s', async (_, content, line, what) => {
    const place = line === undefined ? 'a.json' : `a.json, line ${line}:`
    const error = await failure(content)
    expect(error).toMatchObject({ code: 'MALFORMED_FILE', message: expect.stringContaining(place) })
    expect(error).toMatchObject({ message: expect.stringContaining(what) })
  })

  test('bytes that are no UTF-8', async () => {
    expect(await failure(Buffer.from('[{"a": "\xe9"}]', 'latin1'))).toMatchObject({ message: expect.stringContaining('UTF-8') })
  })

  test('no message holds a value', async () => {
    expect(String(await failure('[{"a": "secret"} "secret"]'))).not.toContain('secret')
  })
})

test('every truncation of a file is an error', async () => {
  const whole = '[{"a": "x\\u00e9", "b": [1, {"c": null}]}, {"a": true, "b": -1.5e3}]'
  await using folder = await openFolder()
  for (let length = 0; length < whole.length; length++) {
    await folder.put('a.json', whole.slice(0, length))
    await expect(folder.table({ name: 'a.json' }), whole.slice(0, length)).rejects.toMatchObject({ code: 'MALFORMED_FILE' })
  }
})

test('columns, limit, count and the csv form', async () => {
  await using folder = await openFolder()
  await folder.put('a.json', '[{"a": 1, "b": "x\\"", "c": {"k": "v"}}, {"a": 2, "b": "", "c": null}]')
  const ref = { name: 'a.json' }
  expect(await folder.bytes(ref)).toBe('1,"x""","{""k"": ""v""}"\n2,"",\n')
  expect(sorted(await folder.read(ref, { columns: ['c', 'a'] }))).toEqual(
    sorted([
      ['{"k": "v"}', '1'],
      [null, '2'],
    ]),
  )
  expect(await folder.read(ref, { limit: 1 })).toHaveLength(1)
  await using snapshot = await openSnapshot(folder.endpoint)
  expect(await snapshot.count({ source: { table: ref } })).toBe(2)
})
