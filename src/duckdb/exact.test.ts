import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalText } from '../core/canonical.ts'
import { parseType } from '../core/types.ts'
import { exactCast } from './exact.ts'
import { exactText } from './exact-text.ts'
import { openDuckDB } from './open.ts'
import { literal } from './sql.ts'
import { textExpression } from './text.ts'

let directory: string
let connection: DuckDBConnection

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-exact-'))
  connection = await (await openDuckDB(':memory:', { temporaryDirectory: directory, memoryLimit: '200MB' })).connect()
})

afterAll(async () => {
  connection.closeSync()
  await rm(directory, { recursive: true })
})

/** The canonical texts of what `exactCast` makes of texts; `null` where it refuses. */
async function readBack(typeName: string, texts: readonly string[]): Promise<readonly unknown[]> {
  const type = parseType(typeName)
  const cast = exactCast('t', type)
  const expression = cast === undefined ? exactText('t', type) : textExpression(cast, type)
  return await query(expression, texts)
}

async function query(expression: string, texts: readonly string[]): Promise<readonly unknown[]> {
  const values = texts.map((text, index) => `(${index}, ${literal(text)})`).join(', ')
  const result = await connection.run(`SELECT ${expression} FROM (VALUES ${values}) AS texts(i, t) ORDER BY i`)
  return (await result.getRows()).map(([cell]) => cell)
}

const accepted: readonly (readonly [type: string, text: string, canonical: string])[] = [
  ['integer', '1e3', '1000'],
  ['integer', '+7', '7'],
  ['integer', '007', '7'],
  ['integer', '12.000', '12'],
  ['integer', '1.5e1', '15'],
  ['bigint', '9223372036854775807', '9223372036854775807'],
  ['bigint', '-9223372036854775808', '-9223372036854775808'],
  ['bigint', '9223372036854775807e0', '9223372036854775807'],
  ['ubigint', '18446744073709551615', '18446744073709551615'],
  ['decimal(12,2)', '1e3', '1000.00'],
  ['decimal(12,2)', '15e-1', '1.50'],
  ['decimal(12,2)', '.5', '0.50'],
  ['decimal(12,2)', '1.5000', '1.50'],
  ['decimal(2,2)', '0.50', '0.50'],
  ['decimal(2,2)', '-0.5', '-0.50'],
  ['decimal(12,0)', '5.00', '5'],
  ['decimal(38,0)', '99999999999999999999999999999999999999', '99999999999999999999999999999999999999'],
  ['decimal(38,37)', '9.9999999999999999999999999999999999999', '9.9999999999999999999999999999999999999'],
  ['decimal', '12345678901234567890123456789012345678901234567890.10', '12345678901234567890123456789012345678901234567890.10'],
  ['decimal', '-0012.5e1', '-125'],
  ['decimal(50,4)', '-.5', '-0.5000'],
  ['double', '0.1', '0.1'],
  ['double', '0.10000000000000001', '0.1'],
  ['double', '-0', '-0'],
  ['double', '1.7976931348623157e+308', '1.7976931348623157e+308'],
  ['double', '5e-324', '5e-324'],
  ['double', 'NaN', 'NaN'],
  ['double', '-Infinity', '-Infinity'],
  ['double', '9007199254740993', '9007199254740992'],
  ['double', '3.14159265358979323846', '3.141592653589793'],
  ['double', '1e23', '1e+23'],
  ['double', '8.41e21', '8.41e+21'],
  ['double', '1.7e-7', '1.7e-07'],
  ['double', '1e-400', '0'],
  ['double', '+.5e+0001', '5'],
  ['real', '388697.62', '388697.625'],
  ['real', '16777217', '16777216'],
  ['real', '0.1', '0.1'],
  ['real', '16777216', '16777216'],
  ['real', '3.4028235e+38', '3.4028235e+38'],
  ['boolean', 'TRUE', 'true'],
  ['boolean', 'f', 'false'],
  ['bytes', '\\x00FF', '\\x00ff'],
  ['bytes', '\\x', '\\x'],
  ['date', '2024-02-29', '2024-02-29'],
  ['date', '2024-02-29 00:00:00', '2024-02-29'],
  ['date', '2024-2-9', '2024-02-09'],
  ['date', '5874897-12-31', '5874897-12-31'],
  ['date', '0044-03-15 BC', '0044-03-15 BC'],
  ['date', 'infinity', 'infinity'],
  ['time(6)', '24:00:00', '24:00:00'],
  ['time(6)', '23:59:59.500000000', '23:59:59.5'],
  ['time(9)', '23:59:59.123456789', '23:59:59.123456789'],
  ['timestamp(6)', '2024-02-29', '2024-02-29 00:00:00'],
  ['timestamp(6)', '2024-02-29T10:00', '2024-02-29 10:00:00'],
  ['timestamp(6)', '2024-02-29 10:00:00.1234560000', '2024-02-29 10:00:00.123456'],
  ['timestamp(3)', '2024-02-29 10:00:00.123000', '2024-02-29 10:00:00.123'],
  ['timestamp(6)', '12024-02-29 10:00:00', '12024-02-29 10:00:00'],
  ['timestamp(6)', '0044-03-15 10:00:00.5 BC', '0044-03-15 10:00:00.5 BC'],
  ['timestamp(9)', '2024-02-29 10:00:00.123456789', '2024-02-29 10:00:00.123456789'],
  ['timestamptz(6)', '2024-02-29 10:00:00+05:30', '2024-02-29 04:30:00+00'],
  ['timestamptz(6)', '2024-02-29T10:00:00.5Z', '2024-02-29 10:00:00.5+00'],
  ['timestamptz(6)', '2024-02-29 10:00:00+00', '2024-02-29 10:00:00+00'],
  ['timestamptz(6)', '2024-02-29 10:00 -0330', '2024-02-29 13:30:00+00'],
  ['timestamptz(6)', '0044-03-15 10:00:00+00 BC', '0044-03-15 10:00:00+00 BC'],
  ['timestamptz(6)', '-infinity', '-infinity'],
  ['uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
]

const refused: readonly (readonly [type: string, text: string])[] = [
  ['integer', '1.5'],
  ['integer', '1e-1'],
  ['integer', '2147483648'],
  ['integer', ''],
  ['integer', '0x1F'],
  ['integer', '1_000'],
  ['bigint', '9223372036854775808'],
  ['bigint', '1e400'],
  ['utinyint', '-1'],
  ['decimal(12,2)', '1.555'],
  ['decimal(12,2)', '1.555e0'],
  ['decimal(12,0)', '.5'],
  ['decimal(3,2)', '10.00'],
  ['decimal(12,2)', 'NaN'],
  ['decimal(50,4)', '0.00005'],
  ['decimal', '1,5'],
  ['double', '1e400'],
  ['double', '-1e9999'],
  ['double', '1_000'],
  ['double', ' 1'],
  ['double', '1,5'],
  ['double', ''],
  ['double', 'e5'],
  ['real', '1e39'],
  ['real', '3.4028236e+38'],
  ['boolean', '2'],
  ['bytes', '\\x0'],
  ['bytes', 'abc'],
  ['date', '2024-02-31'],
  ['date', '0000-01-01'],
  ['date', '2024-02-29 00:00:01'],
  ['date', '1/2/2024'],
  ['time(6)', '24:00:01'],
  ['time(6)', '10:00:00.1234567'],
  ['time(0)', '10:00:00.5'],
  ['timestamp(6)', '2024-02-31 10:00:00'],
  ['timestamp(6)', '2024-02-29 10:00:00+00'],
  ['timestamp(6)', '2024-02-29 10:00:00.1234567'],
  ['timestamp(3)', '2024-02-29 10:00:00.1234'],
  ['timestamp(6)', '294276-12-31 23:59:59'],
  ['timestamptz(6)', '2024-02-29 10:00:00'],
  ['timestamptz(6)', '2024-02-29'],
  ['timestamptz(6)', '2024-02-29 10:00:00+99'],
  ['timestamptz(6)', '2024-02-29 10:00:00+05:75'],
  ['uuid', 'a0eebc99'],
]

describe('casts are exact or refused', () => {
  test.each(accepted)('%s reads %s as %s', async (type, text, canonical) => {
    expect(await readBack(type, [text])).toEqual([canonical])
  })

  test.each(refused)('%s refuses %s', async (type, text) => {
    expect(await readBack(type, [text])).toEqual([null])
  })
})

const digits = (max: number) => fc.bigInt({ min: -(10n ** BigInt(max)) + 1n, max: 10n ** BigInt(max) - 1n })
const two = (value: number) => String(value).padStart(2, '0')
const dates = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10))
const clocks = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.nat(999_999))
  .map(
    ([hour, minute, second, micro]) =>
      `${two(hour)}:${two(minute)}:${two(second)}${micro === 0 ? '' : `.${String(micro).padStart(6, '0').replace(/0+$/, '')}`}`,
  )

function withScale(unscaled: bigint, scale: number): string {
  const text = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${text.slice(0, -scale)}.${text.slice(-scale)}`
}

const laws: readonly (readonly [type: string, texts: fc.Arbitrary<string>])[] = [
  ['bigint', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)],
  ['decimal(38,10)', digits(38).map((value) => withScale(value, 10))],
  ['decimal(5,5)', digits(5).map((value) => withScale(value, 5))],
  ['decimal(60,7)', digits(60).map((value) => withScale(value, 7))],
  ['date', dates],
  ['time(6)', clocks],
  ['timestamp(6)', fc.tuple(dates, clocks).map(([day, clock]) => `${day} ${clock}`)],
  ['timestamptz(6)', fc.tuple(dates, clocks).map(([day, clock]) => `${day} ${clock}+00`)],
  ['uuid', fc.uuid()],
  ['bytes', fc.uint8Array().map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`)],
]

describe('canonical text comes back as it was', () => {
  test.each(laws)('%s', async (type, texts) => {
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 30 }), async (some) => {
        expect(await readBack(type, some)).toEqual(some)
        expect(await query(exactText('t', parseType(type)), some)).toEqual(some)
      }),
      { numRuns: 30 },
    )
  })

  test.each([
    ['double', fc.double({ noNaN: true, noDefaultInfinity: true }), Number],
    ['real', fc.float({ noNaN: true, noDefaultInfinity: true }), (text: string) => Math.fround(Number(text))],
  ] as const)('a %s is the number that was written, however it is spelled', async (type, numbers, read) => {
    await fc.assert(
      fc.asyncProperty(fc.array(numbers, { minLength: 1, maxLength: 20 }), async (some) => {
        const spellings = await Promise.all(some.map((number) => spelled(type, number)))
        // Adding zero makes -0 the 0 that it is equal to (decision 0009).
        const wanted = spellings.flatMap((texts, index) => texts.map(() => (some[index] ?? 0) + 0))
        const texts = await readBack(type, spellings.flat())
        expect(texts.map((text) => read(String(text)) + 0)).toEqual(wanted)
      }),
      { numRuns: 30 },
    )
  })
})

/** As JavaScript, PostgreSQL (the shortest, with a padded exponent), C and DuckDB write a number. */
async function spelled(type: 'double' | 'real', number: number): Promise<readonly string[]> {
  const javascript = Object.is(number, -0) ? '-0' : String(number)
  const canonical = canonicalText(number, parseType(type)) ?? ''
  const postgresql = canonical.replace(/e([+-])(\d)$/, 'e$10$2')
  const c = number.toExponential(type === 'double' ? 16 : 8)
  const result = await connection.run(`SELECT '${javascript}'::${type === 'double' ? 'DOUBLE' : 'FLOAT'}::VARCHAR`)
  return [javascript, canonical, postgresql, c, canonical.toUpperCase(), String((await result.getRows())[0]?.[0])]
}

test('no text of digits, signs, points and exponents changes its value as a decimal', async () => {
  const parts = fc.tuple(
    fc.constantFrom('', '-', '+'),
    fc.stringMatching(/^\d{1,6}$/),
    fc.stringMatching(/^(\.\d{0,6})?$/),
    fc.integer({ min: -8, max: 8 }),
  )
  await fc.assert(
    fc.asyncProperty(parts, async ([sign, whole, fraction, exponent]) => {
      const [found] = await readBack('decimal(12,2)', [`${sign}${whole}${fraction}e${exponent}`])
      // The value in units of 10^-20, exact.
      const value =
        BigInt(sign === '-' ? -1 : 1) * BigInt(whole + fraction.slice(1)) * 10n ** BigInt(20 - Math.max(fraction.length - 1, 0) + exponent)
      const unit = 10n ** 18n
      const fits = value % unit === 0n && (value < 0n ? -value : value) < 10n ** 12n * unit
      expect(found).toEqual(fits ? withScale(value / unit, 2) : null)
    }),
    { numRuns: 60 },
  )
})
