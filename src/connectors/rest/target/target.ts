import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import type { Column, Table, TableRef } from '../../../core/table.ts'
import type { CommitProof, Context, Endpoint, Snapshot, Traits, WriteSession } from '../../connector.ts'
import { openRestClient, type RestClient } from '../client/client.ts'
import type { RestOptions } from '../client/options.ts'
import { normalJson } from './json-path.ts'
import { Ledger } from './ledger.ts'
import { LedgerSnapshot, ledgerColumns } from './ledger-rows.ts'
import { parseTargetOptions, type TargetOptions, targetKeys } from './options.ts'
import { Resource } from './resource.ts'
import { type Place, RestSession } from './session.ts'

/** What is asked of an endpoint as a target, beside what it is as a source. */
export function withTarget(source: Endpoint, options: RestOptions, context: Context): Endpoint {
  return new RestTarget(source, options, context)
}

/** An API as both: the source that it is, and, of the resource of one sync, the target. */
class RestTarget implements Endpoint {
  readonly traits: Traits
  readonly summary: string
  readonly reader: NonNullable<Endpoint['reader']>
  readonly writer: NonNullable<Endpoint['writer']>
  readonly #source: Endpoint
  readonly #options: RestOptions
  readonly #context: Context
  readonly #opened = new AsyncDisposableStack()
  #client: Promise<RestClient> | undefined
  #ledger: Ledger | undefined
  /** The resource that this endpoint was asked to describe, as a target. */
  #target: { readonly ref: TableRef; readonly options: TargetOptions; readonly resource: Resource | undefined } | undefined
  #wasRead = false

  constructor(source: Endpoint, options: RestOptions, context: Context) {
    this.#source = source
    this.#options = options
    this.#context = context
    this.summary = source.summary
    this.traits = { ...source.traits, atomicity: 'none', readsDuringWrite: true, judgesRows: false }
    this.reader = { snapshot: async () => await this.#snapshot() }
    this.writer = {
      accepts: [],
      appliesChanges: true,
      begin: async () => await this.#begin(),
      outcome: async (proof) => this.#finish(proof),
    }
  }

  async listTables(pattern?: string): Promise<readonly TableRef[]> {
    return await this.#source.listTables(pattern)
  }

  async describe(ref: TableRef): Promise<Table | undefined> {
    if (!this.#isTarget(ref)) return await this.#source.describe(ref)
    const { resource } = this.#open(ref)
    const columns = resource ? await resource.columns() : this.#look((ledger) => ledgerColumns(ledger))
    return { ref, kind: 'file', columns, key: [], uniques: [], open: true, ...(resource ? {} : { remembered: true }) }
  }

  /** JSON holds any value; documents are spelled in one way. */
  adopt({ name, type, native }: Column): Column {
    return { name, type, nullable: true, ...(native && type.kind === 'other' ? { native } : {}) }
  }

  async canonicalize({ type }: Column, texts: readonly string[]): Promise<readonly (string | null)[]> {
    if (type.kind === 'json') return texts.map(normalJson)
    if (type.kind === 'decimal') return texts.map((text) => (/^(-?\d+(\.\d+)?|NaN|-?Infinity)$/.test(text) ? text : null))
    return texts
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync()
    await this.#source[Symbol.asyncDispose]()
  }

  #isTarget({ options = {} }: TableRef): boolean {
    return this.#context.end === 'target' || targetKeys.some((key) => key in options)
  }

  #open(ref: TableRef) {
    const options = parseTargetOptions(ref)
    const resource = options.read && this.#opened.use(new Resource(this.#source, { name: ref.name, options: options.read }))
    this.#target = { ref, options, resource }
    return this.#target
  }

  async #snapshot(): Promise<Snapshot> {
    if (!this.#target) return (await this.#source.reader?.snapshot()) ?? unreadable()
    if (this.#target.resource) return await this.#target.resource.snapshot()
    return new LedgerSnapshot(Ledger.look(this.#ledgerPath()), () => {
      this.#wasRead = true
    })
  }

  async #begin(): Promise<WriteSession> {
    this.#client ??= this.#openClient()
    const parts = {
      place: (table: Table) => this.#place(table),
      client: await this.#client,
      concurrency: this.#options.concurrency,
      sync: this.#syncName(),
      signal: this.#context.signal,
    }
    return new RestSession(parts, this.#target?.resource)
  }

  /** What is under way when a run is to stop may come to its end: an insert that is cut off leaves a doubt behind. */
  async #openClient(): Promise<RestClient> {
    const { signal } = this.#context
    const late = new AbortController()
    const stop = () => setTimeout(() => late.abort(signal.reason), 5_000).unref()
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    this.#opened.defer(() => signal.removeEventListener('abort', stop))
    return this.#opened.use(await openRestClient(this.#options, { ...this.#context, signal: late.signal }))
  }

  #place({ ref }: Table): Place {
    const { options, resource } = this.#target ?? this.#open(ref)
    this.#ledger ??= this.#opened.use(Ledger.open(this.#ledgerPath()))
    return { options, resource, ledger: this.#ledger, wasRead: this.#wasRead }
  }

  /** A proof is noted only after all was sent and answered. */
  #finish({ kind, finished }: CommitProof): 'committed' | 'unknown' {
    if (kind !== 'rest') return 'unknown'
    for (const name of JSON.parse(String(finished)) as readonly string[]) {
      using ledger = Ledger.look(join(this.#directory, basename(name)))
      ledger?.dropUnkeyed()
    }
    return 'committed'
  }

  get #directory(): string {
    return this.#context.keptDirectory ?? this.#context.temporaryDirectory
  }

  #look<Result>(action: (ledger: Ledger | undefined) => Result): Result {
    using ledger = Ledger.look(this.#ledgerPath())
    return action(ledger)
  }

  /** One for each resource, so that a sync that is pointed elsewhere does not take what it sent to one place for what is in the other. */
  #ledgerPath(): string {
    const place = createHash('sha256')
      .update(JSON.stringify([this.#options.url.href, this.#target?.options.resource]))
      .digest('hex')
    return join(this.#directory, `sent-${place.slice(0, 16)}.db`)
  }

  /** The directory that is kept for a sync is called after it. */
  #syncName(): string {
    return basename(dirname(this.#directory))
  }
}

function unreadable(): never {
  throw new Error('a source without a reader')
}
