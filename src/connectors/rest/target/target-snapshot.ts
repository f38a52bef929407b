import { RunError } from '../../../core/errors.ts'
import type { Rows } from '../../../core/rows.ts'
import type { TableRef } from '../../../core/table.ts'
import type { ReadRequest, Snapshot } from '../../connector.ts'
import type { Place } from './place.ts'

/** What is known of the resources of one sync, each at one moment. */
export class TargetSnapshot implements Snapshot {
  /** An API is read as a whole. */
  readonly pushdown = new Set<never>()
  readonly #place: (ref: TableRef) => Place
  readonly #fresh: boolean
  readonly #views = new Map<Place, Promise<Snapshot>>()

  /** @param fresh whether what was read in order to describe a resource is too old. */
  constructor(place: (ref: TableRef) => Place, fresh: boolean) {
    this.#place = place
    this.#fresh = fresh
  }

  async read(request: ReadRequest): Promise<Rows> {
    return await (await this.#view(request)).read(request)
  }

  async count(request: ReadRequest): Promise<number> {
    return await (await this.#view(request)).count(request)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const view of await Promise.allSettled(this.#views.values()))
      if (view.status === 'fulfilled') await view.value[Symbol.asyncDispose]()
    this.#views.clear()
  }

  async #view({ source, columns, where, cursor, keys, limit }: ReadRequest): Promise<Snapshot> {
    if (!('table' in source) || [columns, where, cursor, keys, limit].some((part) => part !== undefined))
      throw new RunError({ code: 'NOT_SUPPORTED', message: 'an API that is written is read as a whole' })
    const place = this.#place(source.table)
    const view = this.#views.get(place) ?? place.snapshot(this.#fresh)
    this.#views.set(place, view)
    return await view
  }
}
