export { defineConfig } from './config/define-config.ts'
export type { ConfigInput, SyncInput } from './config/schema.ts'
export { CancelledError, ConfigError, RetryableError, RunError, SynclineError } from './core/errors.ts'
export type { Counts, PlanResult, RunEvent, RunResult, RunStatus } from './core/run.ts'
