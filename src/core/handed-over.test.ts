import { expect, test } from 'vitest'
import { free, handOver } from './handed-over.ts'

test('only what was handed over is freed, once', () => {
  const kept = new Uint8Array(100_000)
  const given = handOver(new Uint8Array(100_000))
  const part = given.subarray(0, 4)
  free(part)
  expect(given.length).toBe(100_000)
  for (const chunk of [kept, given, given]) free(chunk)
  expect([kept.length, given.length, part.length]).toEqual([100_000, 0, 0])
})

test('the memory that small buffers share is never freed', () => {
  const neighbour = Buffer.from('still here')
  free(handOver(Buffer.from(neighbour.buffer, neighbour.byteOffset, 2)))
  expect(String(neighbour)).toBe('still here')
})
