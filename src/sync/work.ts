import { join } from 'node:path'
import type { Endpoint } from '../connectors/connector.ts'
import type { Phase } from '../core/run.ts'
import { Stage } from '../stage/stage.ts'
import { fileNameOf } from '../state/file-name.ts'
import { openTemporaryDirectory } from '../state/temporary.ts'
import type { Work } from './ends.ts'
import type { RunRequest, Services } from './services.ts'

/** What a run holds open: both endpoints, a private directory, a stage once it is asked for. Disposing closes all of it. */
export interface OpenWork extends Work, AsyncDisposable {
  openStage(): Promise<Stage>
  /** Seconds spent, by phase. */
  timings(): Readonly<Record<string, number>>
}

/** Opens both ends of a sync. What was opened is closed again where one of them fails. */
export async function openWork(services: Services, request: RunRequest): Promise<OpenWork> {
  return await openEnds(services, request, async (context) => await services.open(request.definition.from.connection, context))
}

/** The same with another source. */
export async function openEnds(
  services: Services,
  { id, definition, signal, emit }: RunRequest,
  openSource: (context: Parameters<Services['open']>[1]) => Promise<Endpoint>,
): Promise<OpenWork> {
  await using opened = new AsyncDisposableStack()
  const { path: directory } = opened.use(await openTemporaryDirectory())
  const context = { temporaryDirectory: directory, signal, logger: services.logger }
  const phases = new Phases(services)
  phases.enter('opening')
  const kept = (end: 'source' | 'target') => join(services.keptDirectory, fileNameOf(definition.name), end)
  // What is kept of a source's answers holds redacted cells, too.
  const source = opened.use(
    await openSource({ ...context, end: 'source', ...(definition.redact ? {} : { keptDirectory: kept('source') }) }),
  )
  const target = opened.use(await services.open(definition.to.connection, { ...context, end: 'target', keptDirectory: kept('target') }))
  let stage: Promise<Stage> | undefined
  const everything = opened.move()
  const openStage = () => {
    const opening = stage ?? Stage.open({ directory, signal }).then((open) => everything.use(open))
    stage = opening
    return opening
  }
  return {
    definition,
    source,
    target,
    directory,
    signal,
    openStage,
    progress(phase, done) {
      phases.enter(phase)
      emit({ type: 'progress', sync: definition.name, run: id, phase, ...done })
    },
    timings: () => phases.seconds(),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

/** How long a run was in each phase. */
export class Phases {
  readonly #services: Services
  readonly #seconds: Record<string, number> = {}
  #phase: Phase | undefined
  #since = 0

  constructor(services: Services) {
    this.#services = services
  }

  enter(phase: Phase): void {
    if (phase === this.#phase) return
    const now = this.#services.clock.now().getTime()
    if (this.#phase) this.#seconds[this.#phase] = (this.#seconds[this.#phase] ?? 0) + (now - this.#since) / 1000
    this.#phase = phase
    this.#since = now
  }

  seconds(): Readonly<Record<string, number>> {
    const now = this.#services.clock.now().getTime()
    if (this.#phase) this.#seconds[this.#phase] = (this.#seconds[this.#phase] ?? 0) + (now - this.#since) / 1000
    this.#since = now
    return { ...this.#seconds }
  }
}
