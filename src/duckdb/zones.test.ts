import { tmpdir } from 'node:os'
import type { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from './open.ts'
import { firstInstantAt, instantAt, wallAt, type ZonedType, zonedText } from './zones.ts'

let instance: DuckDBInstance
beforeAll(async () => {
  instance = await openDuckDB(':memory:', { temporaryDirectory: tmpdir(), memoryLimit: '200MB', threads: 1 })
})
afterAll(() => instance.closeSync())

async function rows(sql: string): Promise<readonly (readonly (string | null)[])[]> {
  const connection = await instance.connect()
  try {
    return (await (await connection.run(sql)).getRowsJS()) as (string | null)[][]
  } finally {
    connection.disconnectSync()
  }
}

async function one(expression: string): Promise<string | null | undefined> {
  return (await rows(`SELECT (${expression})::VARCHAR`))[0]?.[0]
}

const at = async (wall: string, zone: string) => await one(instantAt(`TIMESTAMP '${wall}'`, zone))

test('a wall clock’s time is an instant, but where the clocks skip it or show it twice', async () => {
  expect(await at('2024-03-31 01:59:59.999999', 'Europe/Berlin')).toBe('2024-03-31 00:59:59.999999+00')
  expect(await at('2024-03-31 02:00:00', 'Europe/Berlin')).toBeNull()
  expect(await at('2024-03-31 02:59:59.999999', 'Europe/Berlin')).toBeNull()
  expect(await at('2024-03-31 03:00:00', 'Europe/Berlin')).toBe('2024-03-31 01:00:00+00')
  expect(await at('2024-10-27 01:59:59.999999', 'Europe/Berlin')).toBe('2024-10-26 23:59:59.999999+00')
  expect(await at('2024-10-27 02:00:00', 'Europe/Berlin')).toBeNull()
  expect(await at('2024-10-27 02:59:59.999999', 'Europe/Berlin')).toBeNull()
  expect(await at('2024-10-27 03:00:00', 'Europe/Berlin')).toBe('2024-10-27 02:00:00+00')
  expect(await at('infinity', 'Europe/Berlin')).toBe('infinity')
})

test('clocks that move by half an hour, by two, or by a day', async () => {
  expect(await at('2024-04-07 01:45:00', 'Australia/Lord_Howe')).toBeNull()
  expect(await at('2024-04-07 01:15:00', 'Australia/Lord_Howe')).toBe('2024-04-06 14:15:00+00')
  expect(await at('2024-10-27 01:30:00', 'Antarctica/Troll')).toBeNull()
  expect(await at('2011-12-30 12:00:00', 'Pacific/Apia')).toBeNull()
  expect(await at('1892-07-04 12:00:00', 'Pacific/Apia')).toBeNull()
  expect(await at('1892-07-03 12:00:00', 'Pacific/Apia')).not.toBeNull()
})

test('before there were zones, and where DuckDB’s calendar ends', async () => {
  expect(await at('1800-01-01 00:00:00', 'Europe/Berlin')).toBe('1799-12-31 23:06:32+00')
  expect(await at('294246-01-01 00:00:00', 'Europe/Berlin')).toBe('294245-12-31 23:00:00+00')
  expect(await at('294247-01-10 00:00:00', 'Europe/Berlin')).toBeNull()
})

const zones = Intl.supportedValuesOf('timeZone')
const moments = fc.integer({ min: Date.UTC(1900, 0, 1) / 1000, max: Date.UTC(2080, 0, 1) / 1000 })

test('law: what a zone’s clocks show leads back to the instant, or else they show it at another one, too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...zones), fc.array(moments, { minLength: 50, maxLength: 50 }), async (zone, seconds) => {
      const given = seconds.map((second) => `(make_timestamptz(${second}000000))`).join(', ')
      const found = await rows(`SELECT i::VARCHAR, ${instantAt('w', zone)}::VARCHAR, ${firstInstantAt('w', zone)}::VARCHAR,
        (SELECT count(*)::VARCHAR FROM range(-49 * 4, 49 * 4) AS steps(step) WHERE timezone('${zone}', i + step * INTERVAL 15 MINUTE) = w)
        FROM (SELECT i, ${wallAt('i', zone)} AS w FROM (VALUES ${given}) AS given(i))`)
      for (const [instant, back, first, times] of found) {
        // Clocks have moved by odd amounts, too: only where quarters of an hour find no other time is it sure that there is none.
        if (back === null) expect(first && instant && first <= instant).toBe(true)
        else expect([zone, back, times]).toEqual([zone, instant, '1'])
      }
    }),
    { numRuns: 60 },
  )
})

test('the fraction of a second stays as it is, to the nanosecond, or the text is no value', async () => {
  const naive = (precision: number): ZonedType => ({ kind: 'timestamp', precision })
  const instant = (precision: number): ZonedType => ({ kind: 'timestamptz', precision })
  const moved = async (text: string, from: ZonedType, to: ZonedType) => await one(zonedText(`'${text}'`, from, to, 'Europe/Berlin'))
  expect(await moved('2024-07-01 02:30:00.123456789', naive(9), instant(9))).toBe('2024-07-01 00:30:00.123456789+00')
  expect(await moved('2024-07-01 02:30:00.1234567', naive(9), instant(7))).toBe('2024-07-01 00:30:00.1234567+00')
  expect(await moved('2024-07-01 02:30:00.12345678', naive(9), instant(7))).toBeNull()
  expect(await moved('2024-07-01 02:30:00.1230', naive(9), instant(3))).toBe('2024-07-01 00:30:00.123+00')
  expect(await moved('2024-07-01 02:30:00.1234', naive(6), instant(3))).toBeNull()
  expect(await moved('2024-07-01 02:30:00', naive(6), instant(9))).toBe('2024-07-01 00:30:00+00')
  expect(await moved('0044-03-15 12:00:00.5+00 BC', instant(6), naive(9))).toBe('0044-03-15 12:53:28.5 BC')
  expect(await moved('-infinity', instant(6), naive(9))).toBe('-infinity')
  expect(await moved('2024-07-01', naive(6), instant(6))).toBe('2024-06-30 22:00:00+00')
})
