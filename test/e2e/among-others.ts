import { setTimeout } from 'node:timers/promises'
import type { FreshDatabase } from '../services/fresh-database.ts'

/** Runs in PostgreSQL while others hold changes that they commit only once the run, having compared both sides, waits for them. */
export async function amongOthers<Result>(
  database: FreshDatabase,
  changes: readonly string[],
  run: () => Promise<Result>,
): Promise<Result> {
  await using others = await database.connect()
  await others.run('BEGIN', ...changes)
  const result = run()
  await Promise.race([result, someoneWaits(database)])
  await others.run('COMMIT')
  return await result
}

async function someoneWaits(database: FreshDatabase): Promise<void> {
  for (let waiting: readonly unknown[] = []; waiting.length === 0; await setTimeout(5))
    waiting = await database.rows("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
}
