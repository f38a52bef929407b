/** An error that the server sent, by its number. */
export interface ServerError {
  readonly number: number
  readonly severity: number
  /** May hold values of rows. */
  readonly message: string
}

/** Of several errors of one statement the first tells the reason; the rest say that the statement ended. */
export function serverErrorOf(thrown: unknown): ServerError | undefined {
  const error = thrown instanceof AggregateError ? (thrown.errors[0] as unknown) : thrown
  if (!(error instanceof Error) || !('number' in error) || typeof error.number !== 'number') return undefined
  const severity = 'class' in error && typeof error.class === 'number' ? error.class : 16
  return { number: error.number, severity, message: error.message }
}
