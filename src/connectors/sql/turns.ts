/** A connection runs one call at a time: whoever comes waits for those before. */
export class Turns {
  #last: Promise<void> = Promise.resolve()
  #busy = 0

  /** Whether a call is under way or waiting. */
  get isBusy(): boolean {
    return this.#busy > 0
  }

  /** Waits for the calls before this one. @returns what ends this one's turn; calling it twice is harmless. */
  async take(): Promise<() => void> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    this.#busy++
    await before
    let released = false
    return () => {
      if (released) return
      released = true
      this.#busy--
      resolve()
    }
  }

  /** A turn that ends with the block which holds it. */
  async hold(): Promise<Disposable> {
    const end = await this.take()
    return { [Symbol.dispose]: end }
  }
}
