import { expect, test } from 'vitest'
import { noCounts, type RunResult, type RunStatus } from '../core/run.ts'
import { exitCode } from './exit-code.ts'

const details = { from: '', to: '', key: [], path: '', schema: [], notes: [], timings: {} }
const base = {
  id: '1',
  sync: 'a',
  mode: 'mirror',
  command: 'run',
  startedAt: '',
  seconds: 0,
  bytesRead: 0,
  watermark: null,
  error: null,
  details,
} as const
const result = (status: RunStatus, rejected = 0): RunResult => ({ ...base, status, counts: { ...noCounts, rejected } })

const wrong: RunResult = { ...result('failed'), error: { fix: 'config', code: 'KEY_NOT_FOUND', message: 'no such column' } }

test.each([
  ['nothing', [], 0],
  ['in step', [result('succeeded')], 0],
  ['differences', [result('succeeded'), result('differs')], 2],
  ['rejects before differences', [result('differs'), result('succeeded', 1)], 4],
  ['withheld before rejects', [result('succeeded', 1), result('withheld')], 3],
  ['failed before withheld', [result('withheld'), result('failed')], 1],
  ['cancelled before failed', [result('failed'), result('cancelled')], 130],
  ['rejects among the differences', [result('differs', 3)], 4],
  ['a definition that is wrong before all others', [result('cancelled'), wrong], 64],
] as const)('%s', (_, results, code) => {
  expect(exitCode(results)).toBe(code)
})
