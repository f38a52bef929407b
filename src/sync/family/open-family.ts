import { join } from 'node:path'
import type { Endpoint, Snapshot } from '../../connectors/connector.ts'
import { RunError } from '../../core/errors.ts'
import { Stage } from '../../stage/stage.ts'
import { fileNameOf } from '../../state/file-name.ts'
import { openTemporaryDirectory } from '../../state/temporary.ts'
import type { RunRequest, Services } from '../services.ts'
import { type OpenWork, Phases } from '../work.ts'
import { sharedEnd } from './shared-end.ts'

/** What the tables of a family have in common while they are worked on. Disposing closes all of it. */
export interface OpenFamily extends AsyncDisposable {
  readonly source: Endpoint
  readonly target: Endpoint
  /** One table's work, over the family's ends, its one view of the source and its one stage. */
  workOf(request: RunRequest): OpenWork
  /** Ends the view of the source: everything was read. */
  closeView(): Promise<void>
}

/** Opens both ends of a family. The view of the source is opened by the first read. */
export async function openFamily(services: Services, request: Pick<RunRequest, 'definition' | 'signal'>): Promise<OpenFamily> {
  return await openFamilyEnds(services, request, async (context) => await services.open(request.definition.from.connection, context))
}

/** The same with another source. */
export async function openFamilyEnds(
  services: Services,
  { definition, signal }: Pick<RunRequest, 'definition' | 'signal'>,
  openSource: (context: Parameters<Services['open']>[1]) => Promise<Endpoint>,
): Promise<OpenFamily> {
  await using opened = new AsyncDisposableStack()
  const { path: directory } = opened.use(await openTemporaryDirectory())
  const context = { temporaryDirectory: directory, signal, logger: services.logger }
  const kept = (end: 'source' | 'target') => join(services.keptDirectory, fileNameOf(definition.name), end)
  // What is kept of a source's answers holds redacted cells, too.
  const source = opened.use(
    await openSource({ ...context, end: 'source', ...(definition.redact ? {} : { keptDirectory: kept('source') }) }),
  )
  const target = opened.use(await services.open(definition.to.connection, { ...context, end: 'target', keptDirectory: kept('target') }))
  let view: Promise<Snapshot> | undefined
  let stage: Promise<Stage> | undefined
  const closeView = async () => {
    const open = view
    view = undefined
    await (await open?.catch(() => undefined))?.[Symbol.asyncDispose]()
  }
  opened.defer(closeView)
  opened.defer(async () => await (await stage?.catch(() => undefined))?.[Symbol.asyncDispose]())
  const from = sharedEnd(source, async () => {
    view ??= readable(source, definition.from.connection.name).snapshot()
    return await view
  })
  const to = sharedEnd(target)
  const everything = opened.move()
  return {
    source: from,
    target: to,
    closeView,
    workOf: ({ id, definition: table, emit }) => {
      const phases = new Phases(services)
      phases.enter('opening')
      let part: Promise<Stage> | undefined
      return {
        definition: table,
        source: from,
        target: to,
        directory,
        signal,
        openStage: async () => {
          stage ??= Stage.open({ directory, signal })
          part ??= stage.then((all) => all.part())
          return await part
        },
        progress(phase, done) {
          phases.enter(phase)
          emit({ type: 'progress', sync: table.name, run: id, phase, ...done })
        },
        timings: () => phases.seconds(),
        [Symbol.asyncDispose]: async () => {},
      }
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

function readable(source: Endpoint, connection: string) {
  if (source.reader) return source.reader
  throw new RunError({ code: 'NOT_SUPPORTED', message: `${connection} cannot be read` })
}
