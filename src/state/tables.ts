/** The state database's tables, as its rows are stored. Instants are ISO 8601 text, structures JSON text. */
export interface Tables {
  runs: RunRow
  watermarks: WatermarkRow
  commits: CommitRow
  rejects: RejectRow
}

export interface RunRow {
  readonly id: string
  readonly sync: string
  readonly status: string
  readonly started_at: string
  /** The whole `RunResult`. */
  readonly result: string
}

export interface WatermarkRow {
  readonly sync: string
  readonly value: string
  /** `RunDetails.course` of the run that left it; NULL where a person set it. */
  readonly course: string | null
}

/** A commit that was about to happen; the row goes when its outcome is known. */
export interface CommitRow {
  readonly sync: string
  readonly proof: string
  /** The `RunResult` as it is once the commit is proved. */
  readonly result: string
}

export interface RejectRow {
  readonly run: string
  readonly sync: string
  readonly reason: string
  readonly column_name: string | null
  readonly detail: string
  readonly answer: string | null
  readonly row: string
  /** JSON of redacted cells, encrypted. */
  readonly sealed: string | null
}
