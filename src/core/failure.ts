/** Why a run did not succeed, as its result tells it. */
export interface RunFailure {
  /** What comes next: mend the config, mend what the message says, or just try again. */
  readonly fix: 'config' | 'cause' | 'retry'
  readonly code: string
  readonly message: string
  readonly hint?: string
}
