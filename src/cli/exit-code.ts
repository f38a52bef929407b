import type { RunResult } from '../core/run.ts'

/** What the process says when it ends (rule 24). */
export const exitCodes = { done: 0, failed: 1, differs: 2, withheld: 3, rejects: 4, usage: 64, cancelled: 130 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The first of these that applies is said. */
const bySeverity: readonly ExitCode[] = [
  exitCodes.usage,
  exitCodes.cancelled,
  exitCodes.failed,
  exitCodes.withheld,
  exitCodes.rejects,
  exitCodes.differs,
]

/** The most severe of what came of the runs. */
export function exitCode(results: readonly RunResult[]): ExitCode {
  const codes = new Set(results.flatMap(codesOf))
  return bySeverity.find((code) => codes.has(code)) ?? exitCodes.done
}

function codesOf({ status, counts, error }: RunResult): readonly ExitCode[] {
  const rejects = counts.rejected > 0 ? [exitCodes.rejects] : []
  switch (status) {
    case 'failed':
      return [error?.fix === 'config' ? exitCodes.usage : exitCodes.failed]
    case 'cancelled':
      return [exitCodes.cancelled]
    case 'withheld':
      return [exitCodes.withheld]
    case 'differs':
      return [exitCodes.differs, ...rejects]
    case 'running':
    case 'succeeded':
      return [exitCodes.done, ...rejects]
  }
}
