import { expect, test } from 'vitest'
import { noCounts, type RunResult } from '../../core/run.ts'
import { runScreen } from './run-screen.ts'
import { createStyle } from './style.ts'

const run: RunResult = {
  id: '4f2c99aa01bb',
  sync: 'prices',
  mode: 'upsert',
  command: 'run',
  status: 'succeeded',
  counts: { ...noCounts, read: 318, updated: 318 },
  startedAt: '2024-01-31T18:05:09.000Z',
  seconds: 0.42,
  bytesRead: 1234,
  watermark: null,
  error: null,
  details: { from: 'a#b', to: 'c#d', key: ['id'], path: 'staged: why', verified: 'read back', schema: [], notes: [], timings: {} },
}

function show(changes: Partial<RunResult>, verbose = false): string {
  return runScreen({ ...run, ...changes }, { width: 100, style: createStyle(false) }, { names: 9, verbose }).join('\n')
}

test('what came of runs', () => {
  const error = {
    fix: 'cause' as const,
    code: 'WITHHELD',
    message: '8,112 of 20,000 rows would be deleted (40%, the guard is 10%)',
    hint: 'raise it',
  }
  const screens = [
    show({}),
    show({ sync: 'loaded', details: { ...run.details, verifiedBy: 'counts' } }),
    show({ sync: 'refused', counts: { ...noCounts, unchanged: 1, rejected: 13 } }),
    show({ sync: './a.csv to ./b.db#t', status: 'withheld', error }),
    show({ sync: './a b.csv to ./b.db#t', counts: { ...noCounts, rejected: 1 } }),
    show({ sync: 'long', details: { ...run.details, schema: [`CREATE TABLE "t" (\n  ${'"a" TEXT, '.repeat(20)})`] } }),
    show({ sync: 'same', counts: { ...noCounts, unchanged: 10_412 } }),
    show({ sync: 'mixed', counts: { ...noCounts, inserted: 1, updated: 2, deleted: 3000, rejected: 2 } }),
    show({ sync: 'orders', status: 'withheld', error }),
    show({
      sync: 'kept',
      status: 'withheld',
      error,
      counts: { ...noCounts, inserted: 3 },
      details: { ...run.details, plan: '/elsewhere/4f.plan', proceeded: true },
    }),
    show({
      sync: 'broken',
      status: 'failed',
      error: { fix: 'cause' as const, code: 'X', message: 'no file\n\u001b[2Jx', hint: 'check the path' },
    }),
    show({ sync: 'stopped', status: 'cancelled' }),
    show({ sync: './a.csv to ./b.csv', details: { ...run.details, schema: ['CREATE TABLE "t" ("a" TEXT)'], notes: ['no keys'] } }),
    show({ sync: 'verbose', watermark: '2024-01-31', details: { ...run.details, timings: { reading: 0.3, applying: 0.1 } } }, true),
  ]
  expect(screens.join('\n')).toMatchInlineSnapshot(`
    "prices      ✓ 318 updates in 0.4 s, verified
    loaded      ✓ 318 updates in 0.4 s, counted
    refused     ! 1 unchanged, 13 rejects in 0.4 s
                look: syncline rejects refused
    ./a.csv to ./b.db#t
      withheld: 8,112 of 20,000 rows would be deleted (40%, the guard is 10%)
      to let it pass once: the same command with --guard off
    ./a b.csv to ./b.db#t
      ! 1 reject in 0.4 s
      look: syncline rejects './a b.csv to ./b.db#t'
    long        ✓ 318 updates in 0.4 s, verified
                CREATE TABLE "t" ( "a" TEXT, "a" TEXT, "a" TEXT, "a" TEXT, "a" TEXT, "a" TEXT, "a" TEXT…
    same        ✓ in step, 10,412 unchanged in 0.4 s, verified
    mixed       ! 1 insert, 2 updates, 3,000 deletes, 2 rejects in 0.4 s
                look: syncline rejects mixed
    orders      withheld: 8,112 of 20,000 rows would be deleted (40%, the guard is 10%)
                to let it pass once: syncline plan orders --save orders.plan, then syncline apply orders.plan
                from now on: limits of its own in the config, such as guard: { deletes: 50%, updates: 80%, empty: allow }
    kept        withheld: 8,112 of 20,000 rows would be deleted (40%, the guard is 10%)
                done all the same: 3 inserts
                look: syncline show 4f2c99aa01bb   approve: syncline apply /elsewhere/4f.plan
    broken      ✗ no file
                \\u001b[2Jx
                check the path
    stopped     cancelled after 0.4 s; the next run continues
    ./a.csv to ./b.csv
      ✓ 318 updates in 0.4 s, verified
      CREATE TABLE "t" ("a" TEXT)
      note: no keys
    verbose     ✓ 318 updates in 0.4 s, verified
                path: staged: why
                verified: read back
                run 4f2c99aa01bb, 1,234 bytes read, watermark 2024-01-31
                reading 0.3 s, applying 0.1 s"
  `)
})
