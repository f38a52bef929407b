import type { Activity } from '../app.ts'
import type { RunResult } from '../core/run.ts'
import type { Output } from './output.ts'
import { createProgress } from './progress.ts'

/**
 * Shows the progress of work until it has ended.
 * @param onResult is told of each run as soon as it has ended.
 */
export async function follow<Result extends RunResult>(
  activity: Activity<Result>,
  output: Output,
  names: readonly string[],
  onResult: (result: RunResult) => void = () => {},
): Promise<readonly Result[]> {
  const told = new Set<string>()
  const tell = (result: RunResult) => {
    if (told.has(result.id)) return
    told.add(result.id)
    onResult(result)
  }
  {
    using progress = createProgress(output, names)
    for await (const event of activity.events) {
      progress.show(event)
      if (event.type === 'finished') progress.aside(() => tell(event.result))
    }
  }
  const results = await activity.results
  results.forEach(tell)
  return results
}
