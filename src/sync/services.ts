import type { Context, Endpoint } from '../connectors/connector.ts'
import type { Clock } from '../core/clock.ts'
import type { ConnectionDefinition, SyncDefinition } from '../core/definition.ts'
import type { Logger } from '../core/logger.ts'
import type { RunEvent } from '../core/run.ts'
import type { State } from '../state/state.ts'
import type { PlanToApply } from './plans/saved-plan.ts'

/** What the floor above hands to every run. */
export interface Services {
  readonly clock: Clock
  readonly logger: Logger
  /** Opened when first asked for: a plan needs no state. */
  state(): Promise<State>
  /** Where the locks of syncs lie. */
  readonly lockDirectory: string
  /** Where connectors keep what is to outlive a run, a directory for each sync. */
  readonly keptDirectory: string
  /** Where the images of changes are kept, a directory for each sync. */
  readonly journalDirectory: string
  /** Where the plans of withheld runs are kept. */
  readonly planDirectory: string
  open(connection: ConnectionDefinition, context: Omit<Context, 'connection' | 'baseDirectory' | 'loginDirectory'>): Promise<Endpoint>
}

/** One run as it is asked for. */
export interface RunRequest {
  readonly id: string
  readonly definition: SyncDefinition
  /** A plan that was saved: its changes are applied, or none. */
  readonly plan?: PlanToApply
  /** The same of a sync that stands for many tables: a plan each. */
  readonly plans?: readonly PlanToApply[]
  /** No config knows the sync: what is withheld of it is not kept, since nothing could apply it. */
  readonly adhoc?: true
  readonly signal: AbortSignal
  emit(event: RunEvent): void
}
