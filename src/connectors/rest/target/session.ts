import { basename } from 'node:path'
import type { Applied, ChangeSet } from '../../../core/changes.ts'
import { ConfigError, NotDirectError } from '../../../core/errors.ts'
import type { Rows } from '../../../core/rows.ts'
import type { Table, TableRef } from '../../../core/table.ts'
import type { CommitProof, Replaced, Snapshot, WriteSession } from '../../connector.ts'
import type { RestClient } from '../client/client.ts'
import { applyChanges } from './apply.ts'
import type { ActionOptions, TargetOptions } from './options.ts'
import type { Place } from './place.ts'
import { ReadBack } from './read-back.ts'
import { Remembered } from './remembered.ts'
import { TargetSnapshot } from './target-snapshot.ts'

export interface SessionParts {
  /** @throws ConfigError where the options under `to` are wrong. */
  place(ref: TableRef): Place
  readonly client: RestClient
  readonly concurrency: number
  readonly sync: string
  readonly signal: AbortSignal
}

/** Sends changes one by one. Nothing of it can be taken back: a commit only says that all of it was sent. */
export class RestSession implements WriteSession {
  /** Present once it is known that all that is written can be read. */
  snapshot?: () => Promise<Snapshot>
  readonly #parts: SessionParts
  readonly #places = new Set<Place>()

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** An API makes its columns itself. */
  async ensureTable({ ref }: Table): Promise<readonly string[]> {
    this.#places.add(this.#parts.place(ref))
    if ([...this.#places].every(({ resource }) => resource))
      this.snapshot = async () => new TargetSnapshot((other) => this.#parts.place(other), true)
    else delete this.snapshot
    return []
  }

  async append(_table: Table, _rows: Rows): Promise<number> {
    throw new NotDirectError({ code: 'NOT_DIRECT', message: 'staged: an API takes rows one by one and answers for each' })
  }

  async replace(_table: Table, _rows: Rows): Promise<Replaced> {
    throw new NotDirectError({ code: 'NOT_DIRECT', message: 'staged: an API cannot be replaced as a whole, so it is compared' })
  }

  async apply(table: Table, changes: ChangeSet): Promise<Applied> {
    const place = this.#parts.place(table.ref)
    const { options, resource, wasRead } = place
    refuseUnprovedDeletes(options, changes, table)
    for (const kind of ['insert', 'update', 'delete'] as const) refuseUnknownNames(options[kind], kind, changes)
    this.#places.add(place)
    const { ledger } = place
    ledger.addColumns(table.columns.map(({ name, type }) => ({ name, json: type.kind === 'json' })))
    const known = resource
      ? new ReadBack({ resource, options, ledger, key: changes.key })
      : new Remembered(ledger, options, changes.key.length === 0 && !wasRead)
    const { client, concurrency, sync, signal } = this.#parts
    return await applyChanges({ options, ledger, known, client, concurrency, sync, signal }, changes)
  }

  /** All was sent and answered when this is asked for. What is left to do at the commit is named, so that it can be done after a crash. */
  async proof(): Promise<CommitProof> {
    const finished = this.#finished().map(({ ledger }) => basename(ledger.path))
    return { kind: 'rest', finished: JSON.stringify(finished) }
  }

  async commit(): Promise<void> {
    for (const { ledger } of this.#finished()) ledger.dropUnkeyed()
    this.#places.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Rows without a key that no later run compares are only remembered until all of them were sent. */
  #finished(): readonly Place[] {
    return [...this.#places].filter(({ resource, wasRead }) => !resource && !wasRead)
  }
}

/** @throws ConfigError: without reading nobody but the person who wrote the config can say that deleting is meant. */
function refuseUnprovedDeletes({ read, tracked }: TargetOptions, { deletes }: ChangeSet, { ref }: Table): void {
  if (deletes.count === 0 || read !== undefined || tracked) return
  throw new ConfigError({
    code: 'DELETES_NOT_ALLOWED',
    message: `${deletes.count} rows would be deleted from \`${ref.name}\`, which this sync does not read; nothing was sent`,
    hint: 'under `to` say `deletes: tracked` to delete what this sync once created, or `read:` how the resource is read; or choose the mode upsert',
  })
}

/** @throws ConfigError naming what a template asks for and the rows do not have. */
function refuseUnknownNames({ names, shown }: ActionOptions, kind: 'insert' | 'update' | 'delete', changes: ChangeSet): void {
  const rows = changes[`${kind}s`]
  if (rows.count === 0) return
  if (names.includes('$key') && changes.key.length !== 1) {
    throw new ConfigError({
      code: 'BAD_OPTION',
      message: `\`${kind}.path\` of a REST target: ${shown} takes one key column, and the key has ${changes.key.length}`,
      hint: 'name the columns in it, such as /prices/{sku}/{currency}',
    })
  }
  const known = new Set(['$key', '$id', ...rows.columns.map(({ name }) => name)])
  const unknown = names.find((name) => !known.has(name))
  if (unknown === undefined) return
  throw new ConfigError({
    code: 'BAD_OPTION',
    message: `\`${kind}\` of a REST target asks for {${unknown}}, and the rows have no such column`,
    hint: `their columns are ${rows.columns
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('before:'))
      .join(', ')}; the API's own id is {$id}`,
  })
}
