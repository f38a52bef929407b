import type { ConnectionDefinition, SyncDefinition } from '../core/definition.ts'

/** A config that was read and checked. */
export interface Config {
  /** The file it was read from; absent where a program gave it. */
  readonly path?: string
  /** Where its relative paths begin. */
  readonly directory: string
  /** The SQLite file that outlives runs. */
  readonly statePath: string
  readonly connections: ReadonlyMap<string, ConnectionDefinition>
  /** In the order of the config. */
  readonly syncs: readonly SyncDefinition[]
}
