import { createHash, randomUUID } from 'node:crypto'
import path from 'node:path'
import { RetryableError, RunError } from '../../../core/errors.ts'
import type { Context } from '../../connector.ts'
import type { RestClient } from '../client/client.ts'
import type { RestOptions } from '../client/options.ts'
import { readChildren } from './children.ts'
import { ColumnSet, type SeenColumn } from './column-set.ts'
import { KeptPages } from './kept-pages.ts'
import { readPages } from './pages.ts'
import type { SourceOptions } from './source-options.ts'
import { Spool } from './spool.ts'
import { SpoolSink } from './spool-sink.ts'

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
const sampleRows = 1_000

/**
 * Reads every page of a resource, or as many as are wanted, into files of this run. Pages that an earlier run had read are not
 * asked for again, where that is safe.
 * @throws RunError or RetryableError where anything is missing: an incomplete read is none.
 */
export async function download(origin: Origin, request: DownloadRequest): Promise<Download> {
  const { source, limit, isSample } = request
  if (source.parent) return await downloadChildren(origin, request)
  await using holding = new AsyncDisposableStack()
  const kept = limit === undefined && !isSample ? await keptPages(origin, request) : undefined
  if (!kept) return await downloadPages(origin, request)
  holding.use(kept)
  const done = await goOn(origin, request, kept)
  // Nobody else may write into these files while they are read.
  const held = holding.move()
  held.use(done)
  return { ...done, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

async function goOn(origin: Origin, request: DownloadRequest, kept: KeptPages): Promise<Download> {
  const state = { pages: 0 }
  try {
    return await downloadKept(origin, request, kept, state)
  } catch (thrown) {
    // What led on from the kept pages may lead nowhere any more.
    if (!kept.earlier || !(thrown instanceof RunError) || thrown instanceof RetryableError || state.pages > 0) throw thrown
    await kept.forget()
    return await downloadPages(origin, request)
  }
}

async function downloadPages(origin: Origin, { source, params, limit, isSample, seen }: DownloadRequest): Promise<Download> {
  await using opened = new AsyncDisposableStack()
  const columns = new ColumnSet(source.columns, seen)
  const spool = opened.use(await Spool.open(temporaryFile(origin.context)))
  const sink = new SpoolSink({ spool, columns, source, carried: {}, most: isSample ? sampleRows : limit, onePage: isSample })
  await readPages({ ...pagesOf(origin), options: source, params }, sink)
  return { columns, spools: [spool], rows: spool.rows, [Symbol.asyncDispose]: disposer(opened) }
}

async function downloadKept(
  origin: Origin,
  { source, params, seen }: DownloadRequest,
  kept: KeptPages,
  state: { pages: number },
): Promise<Download> {
  const { earlier } = kept
  const { context } = origin
  await using opened = new AsyncDisposableStack()
  const columns = new ColumnSet(source.columns, earlier?.seen ?? seen)
  const spool = await Spool.open(kept.spoolPath, earlier?.mark)
  // The pages stay for the next run unless the read comes to its end.
  const closing = opened.adopt(spool, (one) => one.close())
  const begun = earlier?.begun ?? Date.now()
  if (earlier)
    context.logger.warn(
      `${context.connection}: goes on after ${earlier.rows} rows that an earlier run had read (\`resume: off\` reads them again)`,
    )
  const sink = new SpoolSink({
    spool: closing,
    columns,
    source,
    carried: {},
    completed: async (position, rows) => {
      state.pages++
      if (!position) return
      const mark = await spool.mark()
      await spool.secure()
      await kept.note({ mark, seen: columns.seen, position, rows, begun })
    },
  })
  const from = earlier && { position: earlier.position, rows: earlier.rows }
  await readPages({ ...pagesOf(origin), options: source, params, ...(from ? { from } : {}) }, sink)
  await kept.forget()
  const held = opened.move()
  held.defer(() => spool[Symbol.asyncDispose]())
  return { columns, spools: [spool], rows: spool.rows, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

async function downloadChildren(origin: Origin, { source, params, limit, isSample, seen }: DownloadRequest): Promise<Download> {
  await using opened = new AsyncDisposableStack()
  const columns = new ColumnSet(source.columns, seen)
  const spools = await readChildren({
    ...pagesOf(origin),
    source,
    params,
    columns,
    concurrency: isSample ? 1 : origin.options.concurrency,
    most: isSample ? sampleRows : limit,
    isSample,
    spool: async () => opened.use(await Spool.open(temporaryFile(origin.context))),
  })
  return { columns, spools, rows: spools.reduce((sum, { rows }) => sum + rows, 0), [Symbol.asyncDispose]: disposer(opened) }
}

/** Pages by number shift when rows come and go, so that a row might be missed between two runs: they are never kept. */
async function keptPages({ options, context }: Origin, { source, params }: DownloadRequest): Promise<KeptPages | undefined> {
  const { by } = source.paginate.scheme
  const youngest = source.resume ?? 3_600_000
  // What is read back from a target has to be as it is now.
  if (context.keptDirectory === undefined || context.end === 'target' || youngest === 0) return undefined
  if (!(by === 'token' || by === 'next' || by === 'last')) return undefined
  const { auth, url, params: standing } = options
  const login = auth.kind === 'basic' ? auth.user : auth.kind === 'oauth2' ? auth.clientId : auth.kind
  const request = createHash('sha256')
    .update(JSON.stringify([url.href, login, standing, source, params]))
    .digest('hex')
    .slice(0, 16)
  return await KeptPages.open(context.keptDirectory, request, youngest)
}

function pagesOf({ client, options, context }: Origin) {
  return { client, retries: options.retries, signal: context.signal }
}

function temporaryFile({ temporaryDirectory }: Context): string {
  return path.join(temporaryDirectory, `.rest-${randomUUID()}.ndjson`)
}

function disposer(opened: AsyncDisposableStack): () => Promise<void> {
  const held = opened.move()
  return () => held.disposeAsync()
}
