import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Table, TableRef } from '../../../core/table.ts'
import type { Endpoint, Snapshot } from '../../connector.ts'
import { Ledger } from './ledger.ts'
import { LedgerSnapshot, ledgerColumns } from './ledger-rows.ts'
import { parseTargetOptions, type TargetOptions } from './options.ts'
import { Resource } from './resource.ts'

export interface PlaceParts {
  /** The same API as a source. */
  readonly source: Endpoint
  /** Its url. */
  readonly api: string
  /** Where what was sent is remembered. */
  readonly directory: string
}

/** One resource as a target: what its requests look like, and what is known of its rows. */
export class Place implements AsyncDisposable {
  readonly ref: TableRef
  readonly options: TargetOptions
  /** Absent where the resource is not read. */
  readonly resource: Resource | undefined
  readonly #path: string
  #ledger: Ledger | undefined
  #wasRead = false

  /** @throws ConfigError where the options under `to` are wrong. */
  constructor(ref: TableRef, { source, api, directory }: PlaceParts) {
    this.ref = ref
    this.options = parseTargetOptions(ref)
    const { read, resource } = this.options
    this.resource = read && new Resource(source, { name: ref.name, options: read })
    // One for each resource: what a sync sent to one place is not there in another that it is pointed to later.
    const name = createHash('sha256')
      .update(JSON.stringify([api, resource]))
      .digest('hex')
      .slice(0, 16)
    this.#path = join(directory, `sent-${name}.db`)
  }

  /** What was sent, to be added to. */
  get ledger(): Ledger {
    this.#ledger ??= Ledger.open(this.#path)
    return this.#ledger
  }

  /** Whether what was sent before was compared with what is to be sent. */
  get wasRead(): boolean {
    return this.#wasRead
  }

  async describe(): Promise<Table> {
    const table = { ref: this.ref, kind: 'file', key: [], uniques: [], open: true } as const
    if (this.resource) return { ...table, columns: await this.resource.columns() }
    using ledger = Ledger.look(this.#path)
    return { ...table, columns: ledgerColumns(ledger), remembered: true }
  }

  async snapshot(fresh: boolean): Promise<Snapshot> {
    if (this.resource) return await this.resource.snapshot(fresh)
    return new LedgerSnapshot(Ledger.look(this.#path), () => {
      this.#wasRead = true
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ledger?.[Symbol.dispose]()
    await this.resource?.[Symbol.asyncDispose]()
  }
}
