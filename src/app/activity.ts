import type { RunEvent } from '../core/run.ts'

/**
 * Work under way: what it tells while it goes on, and what came of it. It starts at once. The events may be read or left;
 * `results` settles either way. Failures of a run are results; only a wrong config or call rejects, with `ConfigError`.
 */
export interface Activity<Result> {
  readonly events: AsyncIterable<RunEvent>
  readonly results: Promise<readonly Result[]>
}

/** Starts work and collects what it tells. Progress that nobody reads is dropped, the newest of each run kept. */
export function startActivity<Result>(work: (emit: (event: RunEvent) => void) => Promise<readonly Result[]>): Activity<Result> {
  const events = new EventQueue()
  const results = work((event) => events.push(event)).finally(() => events.end())
  // Whoever only reads the events still learns of the failure from `results`.
  results.catch(() => {})
  return { events, results }
}

class EventQueue implements AsyncIterable<RunEvent> {
  #waiting: RunEvent[] = []
  #ended = false
  #wake = Promise.withResolvers<void>()

  push(event: RunEvent): void {
    const last = this.#waiting.at(-1)
    if (last?.type === 'progress' && event.type === 'progress' && last.run === event.run) this.#waiting.pop()
    this.#waiting.push(event)
    this.#wake.resolve()
  }

  end(): void {
    this.#ended = true
    this.#wake.resolve()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RunEvent> {
    for (;;) {
      const events = this.#waiting
      this.#waiting = []
      yield* events
      if (this.#waiting.length > 0) continue
      if (this.#ended) return
      this.#wake = Promise.withResolvers<void>()
      await this.#wake.promise
    }
  }
}
