import { RunError } from '../../../core/errors.ts'
import type { Rows } from '../../../core/rows.ts'
import type { TableRef } from '../../../core/table.ts'
import type { Pushdown, ReadRequest, Snapshot } from '../../connector.ts'
import { subject } from '../client/errors.ts'
import type { SeenColumn } from './column-set.ts'
import { cursorParam } from './cursor-param.ts'
import { download } from './download.ts'
import type { Download, Origin } from './origin.ts'
import { parseSourceOptions } from './source-options.ts'
import { spooledRows } from './spooled-rows.ts'

/** What an API gave when it was first asked, kept until the snapshot ends: every form and every count tells of the same rows. */
export class RestSnapshot implements Snapshot {
  readonly pushdown: ReadonlySet<Pushdown> = new Set<Pushdown>(['limit', 'newer'])
  readonly #origin: Origin
  readonly #seen: (table: TableRef) => readonly SeenColumn[]
  readonly #downloads = new Map<string, Promise<Download>>()

  /** @param seen columns of a resource that are known already. */
  constructor(origin: Origin, seen: (table: TableRef) => readonly SeenColumn[]) {
    this.#origin = origin
    this.#seen = seen
  }

  async read(request: ReadRequest): Promise<Rows> {
    const table = tableOf(request)
    const { client, context } = this.#origin
    const { method } = parseSourceOptions(table.name, table.options)
    const done = await this.#download(table, request)
    return spooledRows(done, { subject: subject(client.asked({ method, path: table.name })), limit: request.limit, signal: context.signal })
  }

  async count(request: ReadRequest): Promise<number> {
    const { rows } = await this.#download(tableOf(request), request)
    return Math.min(rows, request.limit ?? Infinity)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const done of await Promise.allSettled(this.#downloads.values()))
      if (done.status === 'fulfilled') await done.value[Symbol.asyncDispose]()
  }

  async #download(table: TableRef, { newer, limit }: ReadRequest): Promise<Download> {
    const key = JSON.stringify([table.name, table.options, newer, limit])
    const done = this.#downloads.get(key) ?? this.#begin(table, newer, limit)
    this.#downloads.set(key, done)
    return await done
  }

  async #begin(table: TableRef, newer: ReadRequest['newer'], limit: number | undefined): Promise<Download> {
    const source = parseSourceOptions(table.name, table.options)
    const params = newer && source.cursor ? { [source.cursor.param]: cursorParam(newer.from, source.cursor.format) } : {}
    return await download(this.#origin, { source, params, limit, isSample: false, seen: this.#seen(table) })
  }
}

/** What `pushdown` does not list is for the stage to do. */
function tableOf(request: ReadRequest): TableRef {
  const unlisted = (['columns', 'where', 'cursor', 'keys'] as const).find((part) => request[part] !== undefined)
  if (!('table' in request.source))
    throw new RunError({ code: 'NOT_SUPPORTED', message: 'an API takes no queries in SQL', hint: 'name its path as `resource`' })
  if (unlisted === undefined) return request.source.table
  throw new RunError({ code: 'NOT_SUPPORTED', message: `an API is read as a whole: \`${unlisted}\` has to be applied after reading` })
}
