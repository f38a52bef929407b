import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Activity, startActivity } from './app/activity.ts'
import { adhocSync } from './app/adhoc.ts'
import { type CheckReport, checkConfig } from './app/check.ts'
import { type Discovery, discoverIn } from './app/discover.ts'
import { openEndpoint, withEndpoint } from './app/endpoints.ts'
import { refuseFilled } from './app/filled.ts'
import { findRun, refuseUnknownSync, withInterrupted, withJournal } from './app/history.ts'
import { refuseMissingTarget } from './app/missing.ts'
import { lookAtPlans, plansBySync, readPlans, savePlans } from './app/plan-files.ts'
import { selectSyncs } from './app/selection.ts'
import { syncOf } from './app/sync-of.ts'
import type {
  ActivityOptions,
  CompareOptions,
  CopyOptions,
  KeptReject,
  OpenOptions,
  PlanOptions,
  Preview,
  Syncline,
} from './app/syncline.ts'
import { planTables, runTables, selectTable, tablesOf } from './app/tables.ts'
import { watermarksOf } from './app/watermarks.ts'
import { type AddressContext, parseAddress } from './config/addresses.ts'
import type { Config } from './config/config.ts'
import { findConfig } from './config/find.ts'
import { emptyConfig, loadConfig, resolveConfig } from './config/load.ts'
import { systemClock } from './core/clock.ts'
import type { SyncDefinition } from './core/definition.ts'
import { type Logger, silentLogger } from './core/logger.ts'
import type { PlanResult, RunEvent, RunResult } from './core/run.ts'
import { formatType } from './core/types.ts'
import type { State } from './state/state.ts'
import type { PlanOptions as CompareCommand } from './sync/plan-sync.ts'
import type { RunRequest, Services } from './sync/services.ts'

export type { Activity } from './app/activity.ts'
export type { CheckReport, ConnectionReport, SyncReport } from './app/check.ts'
export type { Discovery } from './app/discover.ts'
export type { Selection } from './app/selection.ts'

export type {
  ActivityOptions,
  CompareOptions,
  CopyOptions,
  KeptReject,
  OpenOptions,
  PlanOptions,
  Preview,
  Syncline,
} from './app/syncline.ts'

/**
 * Reads and checks a config and gives the façade over it. Nothing is opened until something is asked for.
 * @throws ConfigError naming file, line, what was expected and what was found.
 */
export async function openSyncline(options: OpenOptions = {}): Promise<Syncline> {
  const cwd = options.cwd ?? process.cwd()
  return new App(await readConfig(options, cwd), cwd, options.logger ?? silentLogger)
}

async function readConfig({ config, set = [] }: OpenOptions, cwd: string): Promise<Config> {
  if (typeof config === 'object') return await resolveConfig(config, cwd, set)
  if (config !== undefined || findConfig(cwd) !== undefined) return await loadConfig(config, cwd, set)
  return emptyConfig(cwd)
}

class App implements Syncline {
  readonly #config: Config
  readonly #cwd: string
  readonly #services: Services
  #state: Promise<State> | undefined

  constructor(config: Config, cwd: string, logger: Logger) {
    this.#config = config
    this.#cwd = cwd
    this.#services = {
      clock: systemClock,
      logger,
      state: () => this.#openState(),
      lockDirectory: join(dirname(config.statePath), 'locks'),
      keptDirectory: join(dirname(config.statePath), 'kept'),
      journalDirectory: join(dirname(config.statePath), 'journal'),
      planDirectory: join(dirname(config.statePath), 'plans'),
      open: (connection, context) => openEndpoint(connection, config, context),
    }
  }

  get watermarks(): Syncline['watermarks'] {
    return watermarksOf({ services: this.#services, syncs: this.#config.syncs, checked: request })
  }

  get syncs(): readonly string[] {
    return this.#config.syncs.map((sync) => sync.name)
  }

  /** Names of the config; relative paths of a command line begin in the working directory (rule 22). */
  get #addresses(): AddressContext {
    return { connections: this.#config.connections, directory: this.#cwd }
  }

  async check(): Promise<CheckReport> {
    return await checkConfig(this.#config)
  }

  async discover(connection: string, pattern?: string): Promise<Discovery> {
    const address = parseAddress(connection, this.#addresses)
    const { directory } = this.#config
    return await withEndpoint(address.connection, this.#config, (endpoint) => discoverIn(endpoint, address, pattern, directory))
  }

  async preview(sync: string, limit: number): Promise<Preview> {
    const { previewSync } = await import('./sync/preview-sync.ts')
    const { columns, rows, rejected } = await previewSync(this.#services, request(await this.#oneTable(sync)), limit)
    return { columns: columns.map(({ name, type }) => ({ name, type: formatType(type) })), rows, rejected }
  }

  plan(options: ActivityOptions & PlanOptions = {}): Activity<PlanResult> {
    const { save } = options
    const chosen = () => selectSyncs(this.#config.syncs, options)
    if (save === undefined) return this.#compare(chosen, options, 'plan')
    return startActivity(
      async (emit) =>
        await savePlans(resolve(this.#cwd, save), (draft) => this.#compareEach(chosen, { ...options, save: draft }, 'plan', emit)),
    )
  }

  apply(file: string, options: { readonly signal?: AbortSignal } = {}): Activity<RunResult> {
    return startActivity(async (emit) => {
      const plans = await readPlans(resolve(this.#cwd, file))
      const asked = plansBySync(plans).flatMap(({ sync, ...planned }) =>
        selectSyncs(this.#config.syncs, { syncs: [sync] }).map((definition) => ({
          ...request(definition, options.signal, emit),
          ...planned,
        })),
      )
      const results: RunResult[] = []
      for (const planned of asked) results.push(...(await runTables(this.#services, planned, results)))
      return results
    })
  }

  verify(options: ActivityOptions & CompareOptions = {}): Activity<PlanResult> {
    return this.#compare(() => selectSyncs(this.#config.syncs, options), options, 'verify')
  }

  diff(
    from: string,
    to: string,
    options: CompareOptions & { readonly key: readonly string[]; readonly signal?: AbortSignal },
  ): Activity<PlanResult> {
    return startActivity(async (emit) => {
      const definition = adhocSync({ from, to, mode: 'mirror', key: options.key }, this.#addresses)
      const tables = await tablesOf(this.#services, definition)
      await withEndpoint(definition.to.connection, this.#config, async (endpoint) => {
        for (const { to: target } of tables) await refuseMissingTarget(target, endpoint)
      })
      return await this.#compareEach(() => [definition], options, 'diff', emit)
    })
  }

  run(options: ActivityOptions = {}): Activity<RunResult> {
    return startActivity(async (emit) => {
      const results: RunResult[] = []
      for (const definition of selectSyncs(this.#config.syncs, options))
        results.push(...(await runTables(this.#services, request(definition, options.signal, emit), results)))
      return results
    })
  }

  undo(run: string, options: { readonly signal?: AbortSignal } = {}): Activity<RunResult> {
    return startActivity(async (emit) => {
      const found = await this.show(run)
      const asked = await syncOf(found, this.#config.syncs, this.#services, this.#addresses)
      const { unit } = found.details
      if (unit !== undefined && asked.all) {
        const { undoUnit } = await import('./sync/undo/undo-unit.ts')
        return await undoUnit(this.#services, { ...request(asked.all, options.signal, emit), tables: asked.tables, unit })
      }
      const { undoRun } = await import('./sync/undo/undo-run.ts')
      return [await undoRun(this.#services, { ...request(asked.table, options.signal, emit), undoes: found.id })]
    })
  }

  copy(from: string, to: string, options: CopyOptions = {}): Activity<RunResult> {
    return startActivity(async (emit) => {
      const definition = adhocSync({ from, to, mode: options.mode ?? 'replace', key: options.key, guard: options.guard }, this.#addresses)
      if (options.mode === undefined) for (const { to } of await tablesOf(this.#services, definition)) await refuseFilled(to, this.#config)
      return await runTables(this.#services, { ...request(definition, options.signal, emit), adhoc: true }, [])
    })
  }

  async runs(options: { readonly sync?: string; readonly limit?: number } = {}): Promise<readonly RunResult[]> {
    const state = await this.#openState()
    const found = await state.runs(options)
    if (found.length === 0 && options.sync !== undefined) await refuseUnknownSync(options.sync, this.syncs, state)
    return await withInterrupted(found, this.#services.lockDirectory, state)
  }

  async show(run: string): Promise<RunResult> {
    const state = await this.#openState()
    const found = await findRun(run, this.syncs, state)
    const [settled = found] = await withInterrupted([found], this.#services.lockDirectory, state)
    return await withJournal(settled, this.#services)
  }

  async withheld(run: string, { samples = 20 }: CompareOptions = {}): Promise<readonly PlanResult[]> {
    const { details } = await findRun(run, this.syncs, await this.#openState())
    if (details.plan === undefined || !existsSync(details.plan)) return []
    return await lookAtPlans(details.plan, samples)
  }

  async rejects(options: { readonly sync?: string; readonly run?: string; readonly limit?: number } = {}): Promise<readonly KeptReject[]> {
    const state = await this.#openState()
    const run = options.run === undefined ? {} : { run: (await findRun(options.run, this.syncs, state)).id }
    const found = await state.rejects({ ...options, ...run })
    if (found.length === 0 && options.sync !== undefined) await refuseUnknownSync(options.sync, this.syncs, state)
    return found.map(({ sealed: _, ...reject }) => reject)
  }

  retry(sync: string, options: { readonly signal?: AbortSignal } = {}): Activity<RunResult> {
    return startActivity(async (emit) => {
      const { retryRejects } = await import('./sync/retry-run.ts')
      return [await retryRejects(this.#services, request(await this.#oneTable(sync), options.signal, emit))]
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const state = await this.#state?.catch(() => undefined)
    await state?.[Symbol.asyncDispose]()
  }

  async #openState(): Promise<State> {
    this.#state ??= import('./state/state.ts').then(({ State }) => new State(this.#config.statePath))
    return await this.#state
  }

  #compare(
    syncs: () => readonly SyncDefinition[],
    options: CompareOptions & { readonly signal?: AbortSignal },
    command: CompareCommand['command'],
  ): Activity<PlanResult> {
    return startActivity((emit) => this.#compareEach(syncs, options, command, emit))
  }

  async #compareEach(
    syncs: () => readonly SyncDefinition[],
    { signal, samples = 20, save }: PlanOptions & { readonly signal?: AbortSignal },
    command: CompareCommand['command'],
    emit: (event: RunEvent) => void,
  ): Promise<readonly PlanResult[]> {
    const results: PlanResult[] = []
    for (const definition of syncs())
      results.push(
        ...(await planTables(this.#services, request(definition, signal, emit), {
          command,
          samples,
          ...(save === undefined ? {} : { save }),
        })),
      )
    return results
  }

  async #oneTable(sync: string): Promise<SyncDefinition> {
    return await selectTable(this.#services, this.#config.syncs, sync)
  }
}

function request(definition: SyncDefinition, signal?: AbortSignal, emit: (event: RunEvent) => void = () => {}): RunRequest {
  return { id: randomBytes(6).toString('hex'), definition, signal: signal ?? new AbortController().signal, emit }
}
