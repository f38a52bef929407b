import { chmod, copyFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ConfigError, SynclineError } from '../core/errors.ts'
import type { PlanResult } from '../core/run.ts'
import { openTemporaryDirectory } from '../state/temporary.ts'
import type { PlanToApply } from '../sync/saved-plan.ts'

/**
 * Lets plans be added to a draft, and puts it in its place when all are made: whole, and readable by its owner alone, because
 * it holds rows (rule 27). Nothing is written where a plan failed.
 */
export async function savePlans(file: string, make: (draft: string) => Promise<readonly PlanResult[]>): Promise<readonly PlanResult[]> {
  await using directory = await openTemporaryDirectory()
  const draft = join(directory.path, 'plan')
  const results = await make(draft)
  if (results.every(({ status }) => status !== 'failed' && status !== 'cancelled')) await place(draft, resolve(file))
  return results
}

/** @throws ConfigError where the file is not there, or is no plan. */
export async function readPlans(file: string): Promise<readonly PlanToApply[]> {
  if (!(await stat(file).catch(() => undefined))?.isFile()) {
    throw new ConfigError({ code: 'FILE_NOT_FOUND', message: `there is no plan ${file}`, hint: 'make one: syncline plan SYNC --save FILE' })
  }
  const [{ Stage }, { parsePlan }] = await Promise.all([import('../stage/stage.ts'), import('../sync/saved-plan.ts')])
  await using directory = await openTemporaryDirectory()
  await using stage = await Stage.open({ directory: directory.path, signal: new AbortController().signal })
  const plans = await stage.saved(file).catch((cause: unknown) => {
    throw cause instanceof SynclineError ? notAPlan(file, cause) : cause
  })
  return plans.map((about, number) => ({ ...parsePlan(about, file), file, number }))
}

async function place(draft: string, file: string): Promise<void> {
  const beside = join(dirname(file), `.${process.pid}-${Date.now()}.plan`)
  try {
    await copyFile(draft, beside)
    await chmod(beside, 0o600)
    await rename(beside, file)
  } catch (cause) {
    await rm(beside, { force: true })
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new ConfigError({
      code: 'CANNOT_SAVE',
      message: `the plan cannot be written to ${file}: ${code}`,
      hint: 'name a file in a folder that exists and that you may write to',
      cause,
    })
  }
}

function notAPlan(file: string, cause: unknown): ConfigError {
  return new ConfigError({
    code: 'BAD_PLAN',
    message: `${file} is no plan of Syncline, or not a whole one`,
    hint: 'make one: syncline plan SYNC --save FILE',
    cause,
  })
}
