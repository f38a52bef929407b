import type { ConfigInput } from '../config/schema.ts'
import type { Reject } from '../core/changes.ts'
import type { Mode } from '../core/definition.ts'
import type { Logger } from '../core/logger.ts'
import type { PlanResult, RunResult } from '../core/run.ts'
import type { Activity } from './activity.ts'
import type { CheckReport } from './check.ts'
import type { Discovery } from './discover.ts'
import type { Selection } from './selection.ts'

export interface OpenOptions {
  /** A file, or the config itself; without it the config file of `cwd`, and none where there is none. */
  readonly config?: string | ConfigInput
  /** Where relative paths of addresses begin; the process's working directory by default. */
  readonly cwd?: string
  /** Values in place of those of the config: `syncs.prices.mode=upsert`. */
  readonly set?: readonly string[]
  readonly logger?: Logger
}

export interface ActivityOptions extends Selection {
  /** Stops cleanly: what is open is rolled back, the result's status is `cancelled`. */
  readonly signal?: AbortSignal
}

export interface CompareOptions {
  /** The most changes of each kind to show; 20 by default. */
  readonly samples?: number
}

export interface PlanOptions extends CompareOptions {
  /** A file to save the plans in, for `apply`; it is replaced where it exists. Relative paths begin in the working directory. */
  readonly save?: string
}

export interface CopyOptions {
  readonly mode?: Mode
  readonly key?: readonly string[]
  /** `off`: it may delete or change as much as it does. */
  readonly guard?: 'off'
  readonly signal?: AbortSignal
}

/** The one façade that every door uses. */
export interface Syncline extends AsyncDisposable {
  readonly syncs: readonly string[]
  /** Opens every connection and looks at both ends of every sync; what fails is reported, the others are still looked at. */
  check(): Promise<CheckReport>
  /** Objects of a connection; where `pattern` names exactly one, that one in full. `connection` may be a URL or a path. */
  discover(connection: string, pattern?: string): Promise<Discovery>
  preview(sync: string, limit: number): Promise<Preview>
  plan(options?: ActivityOptions & PlanOptions): Activity<PlanResult>
  /**
   * Applies what a file of plans says, exactly and whole, sync by sync; one that no longer holds fails with `PLAN_STALE`. No guard
   * stops it: a person has looked. Rejects with ConfigError where the file is no plan.
   */
  apply(file: string, options?: { readonly signal?: AbortSignal }): Activity<RunResult>
  run(options?: ActivityOptions): Activity<RunResult>
  verify(options?: ActivityOptions & CompareOptions): Activity<PlanResult>
  /** Rejects with RunError (`TABLE_NOT_FOUND`) where `to` does not exist. */
  diff(
    from: string,
    to: string,
    options: CompareOptions & { readonly key: readonly string[]; readonly signal?: AbortSignal },
  ): Activity<PlanResult>
  /**
   * Takes a run back, by its id or the beginning of it, row by row; rows that others changed since stay and are rejects. Where one
   * commit ended the runs of many tables, all of those are taken back together, with a result each. One that
   * cannot be taken back fails with `CANNOT_UNDO` and the reason. Rejects with ConfigError where there is no such run, or no such
   * sync any more.
   */
  undo(run: string, options?: { readonly signal?: AbortSignal }): Activity<RunResult>
  /** Rejects with ConfigError (code `MODE_NEEDED`) where no mode is given and the target exists and holds rows (rule 23). */
  copy(from: string, to: string, options?: CopyOptions): Activity<RunResult>
  /** Newest first; the last 20 by default. One whose process died is `failed` with code `INTERRUPTED`. */
  runs(options?: { readonly sync?: string; readonly limit?: number }): Promise<readonly RunResult[]>
  /** One run by its id or the beginning of it. */
  show(run: string): Promise<RunResult>
  /** What a run would have done that a guard withheld, table by table; empty where no plan of it is kept. */
  withheld(run: string, options?: CompareOptions): Promise<readonly PlanResult[]>
  /** Those of the last run that had any; `run` may be the beginning of its id. */
  rejects(options?: { readonly sync?: string; readonly run?: string; readonly limit?: number }): Promise<readonly KeptReject[]>
  /**
   * Tries the rejects of a sync again, read anew from the source by their keys. Where they cannot be found again so it fails with
   * `CANNOT_RETRY` and the reason, and without any with `NO_REJECTS`. Rejects with ConfigError where there is no such sync.
   */
  retry(sync: string, options?: { readonly signal?: AbortSignal }): Activity<RunResult>
  readonly watermarks: {
    get(sync: string): Promise<string | null>
    /** As canonical text. Rejects with ConfigError: `NO_CURSOR`, or `BAD_WATERMARK` where it is no value of the cursor's type. */
    set(sync: string, watermark: string): Promise<void>
    reset(sync: string): Promise<void>
  }
}

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
