import { CancelledError } from '../core/errors.ts'
import { exitCodes } from './exit-code.ts'

/** Stops cleanly at the first SIGINT or SIGTERM, at once at the second. Until disposed. */
export class Interrupts implements Disposable {
  readonly #controller = new AbortController()
  readonly #onFirst: () => void

  /** @param onFirst tells the person that stopping has begun. */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst
    process.on('SIGINT', this.#stop)
    process.on('SIGTERM', this.#stop)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  readonly #stop = (): void => {
    if (this.signal.aborted) process.exit(exitCodes.cancelled)
    this.#onFirst()
    this.#controller.abort(new CancelledError())
  };

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#stop)
    process.off('SIGTERM', this.#stop)
  }
}
