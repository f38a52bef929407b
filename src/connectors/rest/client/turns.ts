import { setTimeout as sleep } from 'node:timers/promises'

/** Lets requests through: so many at a time, so far apart, and none while the server wants peace. */
export class Turns {
  readonly #spacing: number
  #free: number
  readonly #waiting: (() => void)[] = []
  #next = 0
  #pausedUntil = 0

  /** @param spacing milliseconds from one request to the next. */
  constructor(concurrency: number, spacing: number) {
    this.#free = concurrency
    this.#spacing = spacing
  }

  /**
   * Resolves when a request may go; dispose the turn when its answer has begun.
   * @throws the signal's reason once it is aborted.
   */
  async take(signal: AbortSignal): Promise<Disposable> {
    await this.#slot(signal)
    try {
      await this.#time(signal)
    } catch (thrown) {
      this.#release()
      throw thrown
    }
    return { [Symbol.dispose]: () => this.#release() }
  }

  /** No request goes before so many milliseconds have passed. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + milliseconds)
  }

  async #slot(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#free > 0) {
      this.#free--
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = () => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1)
      reject(signal.reason)
    }
    this.#waiting.push(resolve)
    signal.addEventListener('abort', leave, { once: true })
    await promise
    signal.removeEventListener('abort', leave)
  }

  /** Those who wait have its slot before anybody who comes later. */
  #release(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }

  async #time(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const now = performance.now()
      const wait = Math.max(this.#next, this.#pausedUntil) - now
      if (wait <= 0) {
        this.#next = now + this.#spacing
        return
      }
      await pause(wait, signal)
    }
  }
}

/** @throws the signal's reason once it is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch {
    signal.throwIfAborted()
  }
}

/** Milliseconds before a retry: doubled each time, and half of it by chance, so that those who failed together do not come back together. */
export function backoff(first: number, retry: number, longest: number): number {
  const full = Math.min(first * 2 ** retry, longest)
  return full / 2 + (Math.random() * full) / 2
}
