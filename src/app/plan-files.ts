import { createHash, randomBytes } from 'node:crypto'
import { chmod, copyFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { ConfigError, SynclineError } from '../core/errors.ts'
import { splitMember } from '../core/family.ts'
import type { PlanResult } from '../core/run.ts'
import type { Stage } from '../stage/stage.ts'
import { openTemporaryDirectory } from '../state/temporary.ts'
import type { PlanToApply } from '../sync/plans/saved-plan.ts'

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
  return await withStage(file, async (_, plans) => plans)
}

/** The plans of a file as they were shown, with up to `samples` changes of each kind. @throws as `readPlans`. */
export async function lookAtPlans(file: string, samples: number): Promise<readonly PlanResult[]> {
  const { redactSamples } = await import('../sync/redact.ts')
  return await withStage(file, async (stage, plans) => {
    const results: PlanResult[] = []
    for (const { result, number, images, hidden } of plans) {
      const found = await stage.savedSamples(file, number, images, samples)
      results.push({ ...result, samples: redactSamples(hidden, images.after, found) })
    }
    return results
  })
}

async function withStage<Result>(file: string, look: (stage: Stage, plans: readonly PlanToApply[]) => Promise<Result>): Promise<Result> {
  if (!(await stat(file).catch(() => undefined))?.isFile()) {
    throw new ConfigError({ code: 'FILE_NOT_FOUND', message: `there is no plan ${file}`, hint: 'make one: syncline plan SYNC --save FILE' })
  }
  const [{ Stage }, { parsePlan }] = await Promise.all([import('../stage/stage.ts'), import('../sync/plans/saved-plan.ts')])
  await using directory = await openTemporaryDirectory()
  await using stage = await Stage.open({ directory: directory.path, signal: new AbortController().signal })
  const plans = await stage.saved(file).catch((cause: unknown) => {
    throw cause instanceof SynclineError ? notAPlan(file, cause) : cause
  })
  return await look(
    stage,
    plans.map((about, number) => ({ ...parsePlan(about, file), file, number })),
  )
}

/** The plans of each sync: one, or those of its tables. */
export function plansBySync(
  plans: readonly PlanToApply[],
): readonly { readonly sync: string; readonly plan?: PlanToApply; readonly plans?: readonly PlanToApply[] }[] {
  const bySync = Map.groupBy(plans, ({ result: { sync } }) => splitMember(sync)?.family ?? sync)
  return [...bySync].map(([sync, some]) => {
    const [first] = some
    return first && first.result.sync === sync ? { sync, plan: first } : { sync, plans: some }
  })
}

async function place(draft: string, file: string): Promise<void> {
  const beside = join(dirname(file), `${hiddenPrefix()}${process.pid}-${randomBytes(4).toString('hex')}.plan`)
  try {
    await removeLeftovers(dirname(file))
    // A copy has the mode of what it is made of, from the beginning.
    await chmod(draft, 0o600)
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

/** Removes what processes of this machine left that were killed as they wrote a plan: it holds rows. */
async function removeLeftovers(folder: string): Promise<void> {
  const prefix = hiddenPrefix()
  for (const name of await readdir(folder)) {
    const [, pid] = name.startsWith(prefix) ? (/^(\d+)-[0-9a-f]{8}\.plan$/.exec(name.slice(prefix.length)) ?? []) : []
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { force: true })
  }
}

/** Process ids mean something on one machine only. */
function hiddenPrefix(): string {
  return `.syncline-${createHash('sha256').update(hostname()).digest('hex').slice(0, 8)}-`
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')
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
