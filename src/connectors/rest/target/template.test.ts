import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Column } from '../../../core/table.ts'
import { parseType } from '../../../core/types.ts'
import type { Value } from '../../../core/value.ts'
import { type ChangedRow, UnsendableRow } from './row.ts'
import { headerOf, namesIn, namesInBody, parseBatchBody, parseBody, parseText, pathOf } from './template.ts'

function row(cells: Readonly<Record<string, readonly [type: string, value: Value]>>, id?: string): ChangedRow {
  const columns = Object.entries(cells).map(([name, [type]]): Column => ({ name, type: parseType(type), nullable: true }))
  const values = Object.values(cells).map(([, value]) => value)
  const key = columns.slice(0, 1).map(({ name }) => name)
  return {
    kind: 'insert',
    columns,
    cells: values,
    keyColumns: key,
    key: values.slice(0, 1),
    name: 'row',
    ...(id === undefined ? {} : { id }),
  }
}

const exact = { numbers: 'exact', omitsNulls: false } as const

describe('a path', () => {
  test('never leads elsewhere, whatever the cell holds', () => {
    const template = parseText('/items/{id}/lines')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const cells = row({ id: ['text', text] })
        if (text === '' || text === '.' || text === '..') {
          expect(() => pathOf(template, cells)).toThrow(UnsendableRow)
          return
        }
        const { pathname, search, hash } = new URL(pathOf(template, cells), 'http://host/')
        expect([search, hash]).toEqual(['', ''])
        const [, items, cell = '', lines, ...more] = pathname.split('/')
        expect([items, decodeURIComponent(cell), lines, more]).toEqual(['items', text, 'lines', []])
      }),
    )
  })

  test('asks for the key and for the id of the API', () => {
    expect(pathOf(parseText('/a/{$key}/{$id}'), row({ sku: ['text', 'x y'] }, '9007199254740993'))).toBe('/a/x%20y/9007199254740993')
    expect(() => pathOf(parseText('/a/{$id}'), row({ sku: ['text', 'x'] }))).toThrow('not known')
    expect(() => pathOf(parseText('/a/{sku}'), row({ sku: ['text', null] }))).toThrow(UnsendableRow)
  })
})

test('a header takes no line break and no other letters', () => {
  expect(headerOf(parseText('v{n}'), row({ n: ['integer', 5] }))).toBe('v5')
  for (const text of ['a\r\nX-Evil: 1', 'ä']) expect(() => headerOf(parseText('{n}'), row({ n: ['text', text] }))).toThrow(UnsendableRow)
})

describe('a body', () => {
  const wide = row({
    id: ['bigint', 9007199254740993n],
    net: ['decimal(40,2)', '12345678901234567890123456789.10'],
    rate: ['double', 0.1],
    nothing: ['text', null],
    at: ['timestamptz(6)', '2024-01-31 12:00:00.25+00'],
    long_ago: ['timestamp(6)', '0044-03-15 12:00:00 BC'],
    odd: ['decimal', 'NaN'],
    doc: ['json', '{"a":[1.50]}'],
    raw: ['bytes', Uint8Array.of(0, 255)],
    on: ['boolean', true],
  })

  test('has every column, every digit, documents nested', () => {
    expect(parseBody({ $row: null })(wide, exact)).toBe(
      '{"id":9007199254740993,"net":12345678901234567890123456789.10,"rate":0.1,"nothing":null,"at":"2024-01-31T12:00:00.25Z",' +
        '"long_ago":"0044-03-15 12:00:00 BC","odd":"NaN","doc":{"a":[1.50]},"raw":"\\\\x00ff","on":true}',
    )
  })

  test('writes numbers that JavaScript would round as texts where that is asked for', () => {
    expect(parseBody({ $row: ['id', 'net', 'rate'] })(wide, { numbers: 'text', omitsNulls: false })).toBe(
      '{"id":"9007199254740993","net":"12345678901234567890123456789.10","rate":0.1}',
    )
  })

  test('wraps, renames, adds; what is NULL may be left out', () => {
    const body = parseBody({
      item: { $row: ['id', 'nothing'], kind: 'thing', also: '{nothing}' },
      label: 'no. {id}',
      list: ['{on}', 1, null],
    })
    expect(body(wide, exact)).toBe(
      '{"item":{"id":9007199254740993,"nothing":null,"kind":"thing","also":null},"label":"no. 9007199254740993","list":[true,1,null]}',
    )
    expect(body(wide, { ...exact, omitsNulls: true })).toBe(
      '{"item":{"id":9007199254740993,"kind":"thing"},"label":"no. 9007199254740993","list":[true,1,null]}',
    )
  })

  test('is JSON for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const body = parseBody({ a: '{t}', b: '<{t}>' })(row({ t: ['text', text] }), exact) ?? ''
        expect(JSON.parse(body)).toEqual({ a: text, b: `<${text}>` })
      }),
    )
  })

  test('of a batch has the rows where they are wanted', () => {
    expect(parseBatchBody('$rows')(['{"a":1}', '{"a":2}'])).toBe('[{"a":1},{"a":2}]')
    expect(parseBatchBody({ items: '$rows', mode: 'all' })(['1.50'])).toBe('{"items":[1.50],"mode":"all"}')
  })
})

test('names that a template asks for are known before anything is sent', () => {
  expect(namesIn(parseText('/a/{id}/{$key}?x={b}'))).toEqual(['id', '$key', 'b'])
  expect(namesInBody({ a: { $row: ['x'], more: ['{y}', 'no. {z}'] }, n: 1 })).toEqual(['x', 'y', 'z'])
})
