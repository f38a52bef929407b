import { RunError } from '../core/errors.ts'
import type { Passed } from './guard.ts'

/** A guard stands against what a run would do; a person decides. */
export class WithheldError extends RunError {
  readonly passed: Passed
  /** The file that holds what is withheld, where it was kept. */
  readonly plan: string | undefined

  constructor(
    passed: Passed,
    { code = 'WITHHELD', hint, plan }: { readonly code?: string; readonly hint?: string; readonly plan?: string | undefined } = {},
  ) {
    const next =
      plan === undefined
        ? 'look: syncline plan; if it is right, set a `guard` that allows it'
        : 'look at the plan that was kept; if it is right, apply it'
    super({ code, message: passed.reason, hint: hint ?? next })
    this.passed = passed
    this.plan = plan
  }

  /** The same, with what is withheld in a file. */
  keptIn(plan: string): WithheldError {
    return new WithheldError(this.passed, { plan })
  }
}
