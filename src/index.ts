export type {
  Activity,
  ActivityOptions,
  CheckReport,
  CompareOptions,
  ConnectionReport,
  CopyOptions,
  Discovery,
  KeptReject,
  OpenOptions,
  PlanOptions,
  Preview,
  Selection,
  Syncline,
  SyncReport,
} from './app.ts'
export { openSyncline } from './app.ts'
export { defineConfig } from './config/define-config.ts'
export type { ConfigInput } from './config/schema.ts'
export type { Reject, RejectReason } from './core/changes.ts'
export type { Mode } from './core/definition.ts'
export { CancelledError, ConfigError, RetryableError, RunError, SynclineError } from './core/errors.ts'
export type { RunFailure } from './core/failure.ts'
export type { ChangeSample, Counts, Phase, PlanResult, RejectCount, RunDetails, RunEvent, RunResult, RunStatus } from './core/run.ts'
export type { Column, Table, TableRef } from './core/table.ts'
export type { Type } from './core/types.ts'
