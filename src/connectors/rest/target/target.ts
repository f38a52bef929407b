import { basename, dirname, join } from 'node:path'
import type { Column, Table, TableRef } from '../../../core/table.ts'
import type { CommitProof, Context, Endpoint, Snapshot, Traits, WriteSession } from '../../connector.ts'
import type { RestClient } from '../client/client.ts'
import { openRestClient } from '../client/open-client.ts'
import type { RestOptions } from '../client/options.ts'
import { normalJson } from './json-path.ts'
import { Ledger } from './ledger.ts'
import { targetKeys } from './options.ts'
import { Place } from './place.ts'
import { RestSession } from './session.ts'
import { TargetSnapshot } from './target-snapshot.ts'

/** An API as what it is as a source, and as a target beside. */
export function withTarget(source: Endpoint, options: RestOptions, context: Context): Endpoint {
  return new RestTarget(source, options, context)
}

class RestTarget implements Endpoint {
  readonly traits: Traits
  readonly summary: string
  readonly reader: NonNullable<Endpoint['reader']>
  readonly writer: NonNullable<Endpoint['writer']>
  readonly #source: Endpoint
  readonly #options: RestOptions
  readonly #context: Context
  readonly #opened = new AsyncDisposableStack()
  readonly #places = new Map<string, Place>()
  #client: Promise<RestClient> | undefined

  constructor(source: Endpoint, options: RestOptions, context: Context) {
    this.#source = source
    this.#options = options
    this.#context = context
    this.summary = source.summary
    this.traits = { ...source.traits, atomicity: 'none' }
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
    return this.#isTarget(ref) ? await this.#place(ref).describe() : await this.#source.describe(ref)
  }

  /** JSON holds any value; documents are spelled in one way, and `null` is both a document and NULL. */
  adopt({ name, type, native }: Column): Column {
    const merges = type.kind === 'json' ? { mergesNull: true } : {}
    return { name, type, nullable: true, ...merges, ...(native && type.kind === 'other' ? { native } : {}) }
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

  #place(ref: TableRef): Place {
    const key = JSON.stringify([ref.name, ref.options])
    const known = this.#places.get(key)
    if (known) return known
    const place = this.#opened.use(new Place(ref, { source: this.#source, api: this.#options.url.href, directory: this.#directory }))
    this.#places.set(key, place)
    return place
  }

  async #snapshot(): Promise<Snapshot> {
    if (this.#context.end === 'target' || this.#places.size > 0) return new TargetSnapshot((ref) => this.#place(ref), false)
    if (this.#source.reader) return await this.#source.reader.snapshot()
    throw new Error('a source without a reader')
  }

  async #begin(): Promise<WriteSession> {
    this.#client ??= this.#openClient()
    const parts = {
      place: (ref: TableRef) => this.#place(ref),
      client: await this.#client,
      concurrency: this.#options.concurrency,
      // The directory that is kept for a sync is called after it.
      sync: basename(dirname(this.#directory)),
      signal: this.#context.signal,
    }
    return new RestSession(parts)
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
}
