/** What a floor may say while it works: names and counts, never values. The doors decide whether it is shown. */
export interface Logger {
  debug(message: string): void
  warn(message: string): void
}

export const silentLogger: Logger = { debug: () => {}, warn: () => {} }
