import type { WriteSession } from '../../connectors/connector.ts'
import type { JournalNote, RunResult } from '../../core/run.ts'
import type { Column } from '../../core/table.ts'
import type { State } from '../../state/state.ts'
import type { Outcome } from '../apply.ts'
import { beginWriting } from '../ends.ts'
import { impactOf, passedGuard } from '../guard.ts'
import { clearJournals } from '../journal/clear.ts'
import { keepJournal } from '../journal/keep.ts'
import { asWithheld } from '../proceed.ts'
import { refuseUnknownRedacted } from '../redact.ts'
import { refuseRejects, type SetAside } from '../rejects.ts'
import type { RunRequest, Services } from '../services.ts'
import { WithheldError } from '../withheld.ts'
import { Faults } from './faults.ts'
import { leaveRefused } from './leave-refused.ts'
import type { OpenFamily } from './open-family.ts'
import { type Edge, edgesOf } from './order.ts'
import { makeReady, nameOf, type Part, type Ready, rejectsOf, sealedOf, sideBySide } from './part.ts'
import { allAsPlanned, keepingPlan, refusePartly } from './planned-tables.ts'
import { insertsTogether } from './proceed.ts'
import { succeeded, together } from './results.ts'
import { settleReferences } from './settle.ts'
import { isUntouched, writeTogether } from './write.ts'

/** Reads all tables, then writes them in one unit of work: all of them or none. */
export async function runTogether(
  services: Services,
  state: State,
  open: OpenFamily,
  request: RunRequest,
  parts: readonly Part[],
): Promise<readonly RunResult[]> {
  let ready: readonly Ready[] = []
  try {
    const read = await readTogether(open, request, parts, request.plans ? 'plan' : 'run')
    ready = await allAsPlanned(read.ready)
    const going = await withoutWithheld(services, request, ready)
    const ended = await commitTogether(services, state, going, read.edges)
    for (const { result, kept } of ended) await state.finish(result, sealedOf(parts, result, kept))
    return ended.map(({ result }) => result)
  } catch (caught) {
    const thrown = await keepingPlan(services, request, ready, caught).catch((error: unknown) => error)
    const faults = thrown instanceof Faults ? thrown.byTable : new Map<string, unknown>()
    const ended = await together(services, request.definition.name, parts, faults, thrown instanceof Faults ? undefined : thrown)
    for (const { result, rejects } of ended) await state.finish(result, sealedOf(parts, result, rejects))
    for (const { work } of parts) await clearJournals(services, state, work.definition)
    return ended.map(({ result }) => result)
  }
}

/** Every table in the stage, from one view of the source, and what binds them. The view is closed when it returns. */
export async function readTogether(
  open: OpenFamily,
  { definition }: RunRequest,
  parts: readonly Part[],
  purpose: 'plan' | 'run',
): Promise<{ readonly ready: readonly Ready[]; readonly edges: readonly Edge[] }> {
  const read = new Map<Part, Ready>()
  const most = definition.family?.parallel ?? open.source.traits.parallelReads
  const failed = await sideBySide(parts, most, async (part) => {
    read.set(part, await makeReady(part, purpose))
  })
  await open.closeView()
  if (failed.size > 0) throw new Faults(new Map([...failed].map(([part, error]) => [nameOf(part), error])))
  const ready = parts.flatMap((part) => read.get(part) ?? [])
  if (definition.redact?.strict) refuseUnknownRedacted(definition.name, definition.redact, ready.flatMap(columnsOf))
  const edges = edgesOf(ready.map((part) => ({ name: nameOf(part), target: part.ends.target })))
  return { ready: await settleReferences(ready, edges), edges }
}

/** The tables as they are written: with their inserts alone where a guard lets only these go on. @throws Faults where it stops all. */
async function withoutWithheld(services: Services, { adhoc }: RunRequest, ready: readonly Ready[]): Promise<readonly Ready[]> {
  try {
    await refuseFaulty(ready)
    return ready
  } catch (thrown) {
    const inserting = adhoc ? undefined : await insertsTogether(services, ready, thrown)
    if (inserting) return inserting
    throw thrown
  }
}

/** A guard or a reject that stops one table stops all: what they hold belongs together. */
async function refuseFaulty(ready: readonly Ready[]): Promise<void> {
  const faults = new Map<string, unknown>()
  for (const part of ready) {
    try {
      await refuseFault(part)
    } catch (fault) {
      faults.set(nameOf(part), fault)
    }
  }
  if (faults.size > 0) throw new Faults(faults)
}

async function refuseFault(part: Ready): Promise<void> {
  const { work, comparison, held, request } = part
  // A person has looked at a plan.
  if (request.plan) return
  await refuseRejects(work, rejectsOf(part), (comparison ?? held)?.read ?? 0)
  const passed = comparison && passedGuard(work.definition.guard, impactOf(work.definition, comparison))
  if (passed) throw new WithheldError(passed)
}

interface Committed {
  readonly result: RunResult
  readonly kept: SetAside
}

async function commitTogether(
  services: Services,
  state: State,
  ready: readonly Ready[],
  edges: readonly Edge[],
): Promise<readonly Committed[]> {
  const journals = new Map<Ready, JournalNote>()
  const unit = ready.length > 1 ? { unit: ready[0]?.begun.id ?? '' } : {}
  const endings = (outcomes: ReadonlyMap<Ready, Outcome>) =>
    ready.map((part) => {
      const outcome = outcomes.get(part) ?? inStep(part)
      const before = rejectsOf(part)
      const result = succeeded(services, part, outcome, before, ready.length)
      const journal = journals.get(part)
      const ended = { ...result, details: { ...result.details, ...unit, ...(journal ? { journal } : {}) } }
      return { result: part.withheld ? asWithheld(ended, part.withheld) : ended, kept: before.and(outcome.rejects) }
    })
  const [first] = ready
  if (!first || ready.every(isUntouched)) return endings(new Map())
  await using session = await beginWriting(first.work)
  const outcomes = await writing(ready, async (at) => await writeTogether(session, ready, edges, at))
  refusePartly(outcomes)
  const again = await leaveRefused(ready, edges, outcomes)
  if (again) {
    await session[Symbol.asyncDispose]()
    await refuseFaulty(again)
    return await commitTogether(services, state, again, edges)
  }
  first.work.signal.throwIfAborted()
  for (const { work } of ready) work.progress('committing', { rows: 0, bytes: 0 })
  const proof = await session.proof?.()
  for (const [part, outcome] of outcomes) {
    const journal = await keepImages(services, part, session, outcome)
    if (journal) journals.set(part, journal)
  }
  const ended = endings(outcomes)
  if (proof) await state.expectCommits(ended.map(({ result }) => ({ proof, result })))
  await session.commit()
  return ended
}

async function keepImages(
  services: Services,
  part: Ready,
  session: WriteSession,
  { schema, applied }: Outcome,
): Promise<JournalNote | undefined> {
  const { begun, work, stage, comparison, watermark } = part
  if (!comparison) return { none: 'its rows have no key, so no images of them were kept' }
  return await keepJournal(services, { run: begun.id, work, session, stage, comparison, watermark, schema, applied })
}

/** What is thrown belongs to the table that was being written. */
export async function writing<Result>(ready: readonly Ready[], write: (at: (part: Ready) => void) => Promise<Result>): Promise<Result> {
  let current = ready[0]
  try {
    return await write((part) => {
      current = part
    })
  } catch (thrown) {
    throw current ? new Faults(new Map([[nameOf(current), thrown]])) : thrown
  }
}

function inStep({ work: { definition }, withheld }: Ready): Outcome {
  const verified =
    definition.verify === 'off' || withheld ? {} : ({ verified: 'both sides were read and agree', verifiedBy: 'rows' } as const)
  return { applied: { inserted: 0, updated: 0, deleted: 0, moved: [] }, rejects: [], notes: [], schema: [], ...verified }
}

function columnsOf({ ends: { source, target } }: Ready): readonly Column[] {
  return [...source.columns, ...(target?.columns ?? [])]
}
