import { existsSync } from 'node:fs'
import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Checksum, Digests, Pushdown, ReadRequest, Snapshot } from '../connector.ts'
import { checksumOf } from './checksum.ts'
import { DuckdbDigests } from './digests.ts'
import { selectionOf } from './request.ts'
import { rowsOf } from './rows.ts'
import type { Work } from './work.ts'

const pushdown: ReadonlySet<Pushdown> = new Set(['columns', 'where', 'cursor', 'keys', 'buckets', 'limit', 'query'])

/** What a transaction sees; `end` is called when it is disposed. */
export class DuckdbSnapshot implements Snapshot {
  readonly pushdown = pushdown
  readonly digests: Digests
  readonly #work: Work
  readonly #directory: string
  readonly #end: () => Promise<void>

  constructor(work: Work, directory: string, end: () => Promise<void>) {
    this.digests = new DuckdbDigests(work, directory)
    this.#work = work
    this.#directory = directory
    this.#end = end
  }

  async read(request: ReadRequest): Promise<Rows> {
    return rowsOf(this.#work, this.#directory, await selectionOf(this.#work, request))
  }

  async count(request: ReadRequest): Promise<number> {
    const { from } = await selectionOf(this.#work, request)
    const [row] = await this.#work.texts(`SELECT count(*)::VARCHAR FROM (SELECT 1 FROM ${from})`)
    return Number(row?.[0])
  }

  async checksum(request: ReadRequest): Promise<Checksum> {
    return await checksumOf(this.#work, await selectionOf(this.#work, request))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end()
  }
}

/** A file that is not there fails each read, by name. */
export class MissingSnapshot implements Snapshot {
  readonly pushdown = pushdown
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async read(request: ReadRequest): Promise<Rows> {
    throw this.#missing(request)
  }

  async count(request: ReadRequest): Promise<number> {
    throw this.#missing(request)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #missing({ source }: ReadRequest): RunError {
    const subject = 'query' in source ? 'the query' : `\`${source.table.name}\``
    const problem = existsSync(this.#path) ? 'came into being after the run began' : 'does not exist'
    return new RunError({
      code: 'FILE_NOT_FOUND',
      message: `${subject} cannot be read: ${this.#path} ${problem}`,
      hint: 'check the path; relative paths start at the config file, on the command line at the working directory',
    })
  }
}
