import { expect, test } from 'vitest'
import { free, handOver } from './handed-over.ts'

test('only what was handed over is freed, once', () => {
  const kept = new Uint8Array(8)
  const given = handOver(new Uint8Array(8))
  const part = given.subarray(0, 4)
  free(part)
  expect(given.length).toBe(8)
  for (const chunk of [kept, given, given]) free(chunk)
  expect([kept.length, given.length]).toEqual([8, 0])
})
