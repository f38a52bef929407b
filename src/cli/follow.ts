import type { Activity } from '../app.ts'
import type { RunResult } from '../core/run.ts'
import type { Output } from './output.ts'
import { createProgress } from './progress.ts'

/**
 * Shows the progress of work until it has ended.
 * @param names of the syncs that are going to run, as far as they are known.
 * @param onResult is told of each run as soon as it has ended, with the names of all that have begun by then.
 */
export async function follow<Result extends RunResult>(
  activity: Activity<Result>,
  output: Output,
  names: readonly string[],
  onResult: (result: RunResult, names: readonly string[]) => void = () => {},
): Promise<readonly Result[]> {
  const begun = new Set(names)
  const told = new Set<string>()
  const tell = (result: RunResult) => {
    if (told.has(result.id)) return
    told.add(result.id)
    onResult(result, [...begun])
  }
  {
    using progress = createProgress(output, names)
    for await (const event of activity.events) {
      if (event.type === 'started') begun.add(event.sync)
      progress.show(event)
      if (event.type === 'finished') progress.aside(() => tell(event.result))
    }
  }
  const results = await activity.results
  results.forEach(tell)
  return results
}
