import { createHash, randomUUID } from 'node:crypto'
import path from 'node:path'
import type { Context } from '../../connector.ts'
import type { RestClient } from '../client/client.ts'
import type { RestOptions } from '../client/options.ts'
import type { ColumnSet, SeenColumn } from './column-set.ts'
import { KeptPages, type Progress } from './kept-pages.ts'
import type { SourceOptions } from './source-options.ts'
import type { Spool } from './spool.ts'

/** What a read works with. */
export interface Origin {
  readonly client: RestClient
  readonly options: RestOptions
  readonly context: Context
}

export interface DownloadRequest {
  readonly source: SourceOptions
  /** Parameters besides those of the options: where a cursor begins. */
  readonly params: Readonly<Record<string, string>>
  /** Records that are wanted at most. */
  readonly limit: number | undefined
  /** Only what tells the columns: the first page, as far as it is needed. */
  readonly isSample: boolean
  /** Columns that are known already. */
  readonly seen: readonly SeenColumn[]
}

/** Rows of an API, all of them, on disk. */
export interface Download extends AsyncDisposable {
  readonly columns: ColumnSet
  readonly spools: readonly Spool[]
  readonly rows: number
}

/** Records that are enough to tell columns. */
export const sampleRows = 1_000

/** What an earlier run kept of the same request, or a place to keep what this one reads. */
export async function openKept({ options, context }: Origin, { source, params }: DownloadRequest): Promise<KeptPages | undefined> {
  const youngest = source.resume ?? 3_600_000
  // What is read back from a target has to be as it is now.
  if (context.keptDirectory === undefined || context.end === 'target' || youngest === 0) return undefined
  const { auth, url, params: standing } = options
  const login = auth.kind === 'basic' ? auth.user : auth.kind === 'oauth2' ? auth.clientId : auth.kind
  const request = createHash('sha256')
    .update(JSON.stringify([url.href, login, standing, source, params]))
    .digest('hex')
    .slice(0, 16)
  return await KeptPages.open(context.keptDirectory, request, youngest)
}

export function tellGoingOn({ context }: Origin, { rows }: Pick<Progress, 'rows'>): void {
  const before = `${rows} ${rows === 1 ? 'row' : 'rows'}`
  context.logger.warn(`${context.connection}: goes on after ${before} that an earlier run had read (\`resume: off\` reads them again)`)
}

export function pagesOf({ client, options, context }: Origin) {
  return { client, retries: options.retries, signal: context.signal }
}

export function temporaryFile({ context }: Origin): string {
  return path.join(context.temporaryDirectory, `.rest-${randomUUID()}.ndjson`)
}

export function disposer(opened: AsyncDisposableStack): () => Promise<void> {
  const held = opened.move()
  return () => held.disposeAsync()
}
