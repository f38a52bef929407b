import type { Reject } from './core/changes.ts'
import type { Mode } from './core/definition.ts'
import type { PlanResult, RunEvent, RunResult } from './core/run.ts'
import type { Table } from './core/table.ts'

/** Which syncs an action is about: all where nothing is given. */
export interface Selection {
  readonly syncs?: readonly string[]
  /** Names or `tag:NAME`. */
  readonly select?: readonly string[]
  readonly exclude?: readonly string[]
}

export interface ActivityOptions extends Selection {
  /** Stops cleanly: what is open is rolled back, the result's status is `cancelled`. */
  readonly signal?: AbortSignal
}

/**
 * Work under way: what it tells while it goes on, and what came of it. It starts at once. The events may be read or left;
 * `results` settles either way. Failures of a run are results; only a wrong config or call rejects, with `ConfigError`.
 */
export interface Activity<Result> {
  readonly events: AsyncIterable<RunEvent>
  readonly results: Promise<readonly Result[]>
}

/** The one façade that every door uses. */
export interface Syncline extends AsyncDisposable {
  readonly syncs: readonly string[]
  check(): Promise<readonly ConnectionReport[]>
  /** Objects of a connection; where `pattern` names exactly one, that one in full. `connection` may be a URL or a path. */
  discover(connection: string, pattern?: string): Promise<Discovery>
  preview(sync: string, limit: number): Promise<Preview>
  plan(options?: ActivityOptions & { readonly samples?: number }): Activity<PlanResult>
  run(options?: ActivityOptions): Activity<RunResult>
  verify(options?: ActivityOptions & { readonly samples?: number }): Activity<PlanResult>
  diff(
    from: string,
    to: string,
    options: { readonly key: readonly string[]; readonly samples?: number; readonly signal?: AbortSignal },
  ): Activity<PlanResult>
  /** @throws ConfigError (code `MODE_NEEDED`) where no mode is given and the target exists and holds rows (rule 23). */
  copy(
    from: string,
    to: string,
    options?: { readonly mode?: Mode; readonly key?: readonly string[]; readonly signal?: AbortSignal },
  ): Activity<RunResult>
  /** Newest first. */
  runs(options?: { readonly sync?: string; readonly limit?: number }): Promise<readonly RunResult[]>
  /** One run by its id or the beginning of it. */
  show(run: string): Promise<RunResult>
  rejects(options?: { readonly sync?: string; readonly run?: string; readonly limit?: number }): Promise<readonly KeptReject[]>
  readonly watermarks: {
    get(sync: string): Promise<string | null>
    set(sync: string, watermark: string): Promise<void>
    reset(sync: string): Promise<void>
  }
}

export interface ConnectionReport {
  readonly connection: string
  readonly type: string
  readonly ok: boolean
  /** `Endpoint.summary`, or the error's message. */
  readonly summary: string
  readonly hint?: string
}

export type Discovery = { readonly objects: readonly string[] } | { readonly table: Table }

export interface Preview {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Canonical texts, `null` for NULL. */
  readonly rows: readonly (readonly (string | null)[])[]
  readonly rejected: number
}

export interface KeptReject extends Reject {
  readonly sync: string
  readonly run: string
}
