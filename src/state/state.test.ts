import { mkdtempSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Reject } from '../core/changes.ts'
import { noCounts, type RunResult } from '../core/run.ts'
import { lockSync } from './lock.ts'
import { State } from './state.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'syncline-state-'))
})
afterEach(() => rm(directory, { recursive: true }))

const open = () => new State(join(directory, 'kept', 'state.db'))

describe('state', () => {
  test('is readable by its owner only', async () => {
    await using _state = open()
    expect(statSync(join(directory, 'kept', 'state.db')).mode & 0o777).toBe(0o600)
    expect(statSync(join(directory, 'kept')).mode & 0o777).toBe(0o700)
  })

  test('keeps runs and gives them by the beginning of their id', async () => {
    await using state = open()
    await state.begin(run('aa11'))
    await state.finish({ ...run('aa11'), status: 'succeeded' })
    await state.begin(run('ab22'))
    expect((await state.run('aa')).status).toBe('succeeded')
    await expect(state.run('a')).rejects.toThrow('more than one run')
    await expect(state.run('c')).rejects.toThrow('no run has the id')
    expect((await state.runs()).map(({ id }) => id)).toHaveLength(2)
  })

  test('ends the runs that a dead process left behind when the next one begins', async () => {
    await using state = open()
    await state.begin(run('1'))
    await state.begin(run('2'))
    expect(await state.run('1')).toMatchObject({ status: 'failed', error: { code: 'INTERRUPTED' } })
    expect((await state.run('2')).status).toBe('running')
  })

  test('says of a run that a dead process left behind what became of its changes', async () => {
    await using state = open()
    await state.begin(run('1'))
    await state.update({ ...run('1'), details: { ...run('1').details, stays: true } })
    await state.begin(run('2'))
    await state.begin(run('3'))
    expect((await state.run('1')).error?.message).toContain('what it had changed by then stays')
    expect((await state.run('2')).error?.message).toContain('the target was left as it was')
  })

  test('moves the watermark only when the run succeeded', async () => {
    await using state = open()
    await state.finish({ ...run('1'), status: 'succeeded', watermark: '10' })
    await state.finish({ ...run('2'), status: 'failed', watermark: '20' })
    expect(await state.watermark('orders')).toBe('10')
    await state.setWatermark('orders', null)
    expect(await state.watermark('orders')).toBeNull()
  })

  test('a pending commit outlives its process and goes when its outcome is known', async () => {
    const pending = { proof: { kind: 'xid', xid: '7' }, result: { ...run('1'), status: 'succeeded' as const, watermark: '9' } }
    await using first = open()
    await first.expectCommit(pending)
    await first.finish({ ...run('1'), status: 'failed' })
    await using second = open()
    expect(await second.pendingCommit('orders')).toEqual(pending)
    await second.finish(pending.result)
    expect(await second.pendingCommit('orders')).toBeUndefined()
    expect(await second.watermark('orders')).toBe('9')
  })

  test('the rejects of a run take the place of those of the run before', async () => {
    await using state = open()
    const reject = (id: string): Reject => ({ reason: 'value', column: 'a', detail: 'not an integer', row: { id, a: null } })
    await state.finish(done('1'), batches(Array.from({ length: 1_201 }, (_, index) => reject(String(index)))))
    expect(await state.rejects({ sync: 'orders', limit: 5_000 })).toHaveLength(1_201)
    await state.finish(done('2'), batches([reject('x')]))
    expect(await state.rejects({})).toEqual([{ ...reject('x'), sync: 'orders', run: '2' }])
    await state.keepRejects(done('3'), batches([{ ...reject('y'), answer: '{"error":"no"}' }]))
    expect(await state.rejects({})).toHaveLength(2)
    await state.finish(done('3'), 'kept')
    expect(await state.rejects({})).toMatchObject([{ answer: '{"error":"no"}', run: '3' }])
  })
})

describe('the lock of a sync', () => {
  test('is held by one at a time and free again when let go', () => {
    {
      using _held = lockSync(directory, 'a/b: c')
      expect(() => lockSync(directory, 'a/b: c')).toThrow('is being run by another process')
      using _other = lockSync(directory, 'other')
    }
    using _again = lockSync(directory, 'a/b: c')
  })
})

async function* batches(rejects: readonly Reject[]): AsyncGenerator<readonly Reject[]> {
  yield rejects
}

const done = (id: string): RunResult => ({ ...run(id), status: 'succeeded' })

function run(id: string): RunResult {
  return {
    id,
    sync: 'orders',
    mode: 'mirror',
    command: 'run',
    status: 'running',
    counts: noCounts,
    startedAt: '2026-01-01T00:00:00.000Z',
    seconds: 0,
    bytesRead: 0,
    watermark: null,
    error: null,
    details: { from: 'a#b', to: 'c#d', key: [], path: '', schema: [], notes: [], timings: {} },
  }
}
