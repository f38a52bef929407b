import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Type } from '../../core/types.ts'
import { exactCast } from '../../duckdb/exact.ts'
import { openDuckDB } from '../../duckdb/open.ts'
import { literal } from '../../duckdb/sql.ts'
import { canonicalCast } from './canonical-cast.ts'

const signed = (bits: 8 | 16 | 32 | 64): Type => ({ kind: 'integer', bits, signed: true })
const decimal: Type = { kind: 'decimal', precision: 12, scale: 3 }
const instant: Type = { kind: 'timestamptz', precision: 6 }
const naive: Type = { kind: 'timestamp', precision: 6 }

/** Canonical texts at the limits of their types, and past those of DuckDB. */
const edges: readonly (readonly [Type, readonly string[]])[] = [
  [signed(16), ['0', '-32768', '32767']],
  [signed(64), ['-9223372036854775808', '9223372036854775807']],
  [{ kind: 'integer', bits: 64, signed: false }, ['0', '18446744073709551615']],
  [decimal, ['0.000', '-999999999.999', '999999999.999', 'NaN', 'Infinity', '-Infinity']],
  [{ kind: 'decimal', precision: 38, scale: 0 }, ['99999999999999999999999999999999999999', '-1']],
  [
    { kind: 'date' },
    ['0001-01-01', '9999-12-31', '12345-01-01', '5874897-12-31', '0044-03-15 BC', '4713-11-24 BC', 'infinity', '-infinity'],
  ],
  [
    naive,
    [
      '2024-02-29 23:59:59.999999',
      '0001-01-01 00:00:00',
      '294276-12-31 23:59:59.999999',
      '0044-03-15 12:00:00 BC',
      'infinity',
      '-infinity',
    ],
  ],
  [instant, ['2024-02-29 23:59:59.5+00', '294276-12-31 23:59:59.999999+00', '0044-03-15 12:00:00+00 BC', 'infinity', '-infinity']],
  [{ kind: 'timestamp', precision: 9 }, ['2024-02-29 23:59:59.999999999']],
  [{ kind: 'time', precision: 6 }, ['24:00:00', '23:59:59.999999']],
]

const pad = (number: number, size: number) => String(number).padStart(size, '0')
const moment = fc
  .tuple(fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), fc.nat(999_999))
  .map(
    ([date, micros]) =>
      `${date.toISOString().slice(0, 19).replace('T', ' ')}${micros === 0 ? '' : `.${pad(micros, 6).replace(/0+$/, '')}`}`,
  )
const values: readonly (readonly [Type, fc.Arbitrary<string>])[] = [
  [signed(64), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)],
  [
    decimal,
    fc.tuple(fc.constantFrom('', '-'), fc.nat(999_999_999), fc.nat(999)).map(([sign, whole, part]) => `${sign}${whole}.${pad(part, 3)}`),
  ],
  [naive, moment],
  [instant, moment.map((text) => `${text}+00`)],
]

test('of canonical text the quick cast makes what the exact one makes', async () => {
  const instance = await openDuckDB(':memory:', { temporaryDirectory: tmpdir(), memoryLimit: '200MB' })
  const connection = await instance.connect()
  try {
    const drawn = values.map(([type, texts]) => [type, fc.sample(texts, 300)] as const)
    for (const [type, texts] of [...edges, ...drawn]) {
      const column = { name: 't', type, nullable: true }
      const list = texts.map((text) => `(${literal(text)})`).join(', ')
      const [quick, exact] = [canonicalCast('t', column) ?? 't', exactCast('t', type) ?? 't']
      const unlike = `SELECT t FROM (VALUES ${list}) AS texts(t) WHERE (${quick}) IS DISTINCT FROM (${exact})`
      const { length } = (await connection.runAndReadAll(unlike)).getRowsJson()
      expect({ type, differing: length }).toEqual({ type, differing: 0 })
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
})

test('text of a column without a type may be spelled in any way, so it is cast exactly', () => {
  const column = { name: 't', type: signed(32), nullable: true, untyped: true }
  expect(canonicalCast('t', column)).toBe(exactCast('t', column.type))
})
