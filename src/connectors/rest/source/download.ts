import { RetryableError, RunError } from '../../../core/errors.ts'
import { ColumnSet } from './column-set.ts'
import { downloadChildren, downloadKeptChildren } from './download-children.ts'
import type { KeptPages } from './kept-pages.ts'
import {
  type Download,
  type DownloadRequest,
  disposer,
  type Origin,
  openKept,
  pagesOf,
  sampleRows,
  tellGoingOn,
  temporaryFile,
} from './origin.ts'
import { readPages } from './pages.ts'
import { keepsPlaces } from './paginate.ts'
import { Spool } from './spool.ts'
import { SpoolSink } from './spool-sink.ts'

/**
 * Reads every page of a resource, or as many as are wanted, into files of this run. Pages that an earlier run had read are not
 * asked for again, where that is safe.
 * @throws RunError or RetryableError where anything is missing: an incomplete read is none.
 */
export async function download(origin: Origin, request: DownloadRequest): Promise<Download> {
  const { source, limit, isSample } = request
  await using holding = new AsyncDisposableStack()
  const mayKeep = limit === undefined && !isSample && (source.parent !== undefined || keepsPlaces(source.paginate))
  const kept = mayKeep ? await openKept(origin, request) : undefined
  if (!kept) return source.parent ? await downloadChildren(origin, request) : await downloadPages(origin, request)
  holding.use(kept)
  const done = source.parent ? await downloadKeptChildren(origin, request, kept) : await goOn(origin, request, kept)
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
  const spool = opened.use(await Spool.open(temporaryFile(origin)))
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
  await using opened = new AsyncDisposableStack()
  const columns = new ColumnSet(source.columns, earlier?.seen ?? seen)
  const spool = await Spool.open(kept.spoolPath, earlier?.mark)
  // The pages stay for the next run unless the read comes to its end.
  const closing = opened.adopt(spool, (one) => one.close())
  const begun = earlier?.begun ?? Date.now()
  if (earlier) tellGoingOn(origin, earlier)
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
  const from = earlier?.position && { position: earlier.position, rows: earlier.rows }
  await readPages({ ...pagesOf(origin), options: source, params, ...(from ? { from } : {}) }, sink)
  await kept.forget()
  const held = opened.move()
  held.defer(() => spool[Symbol.asyncDispose]())
  return { columns, spools: [spool], rows: spool.rows, [Symbol.asyncDispose]: () => held.disposeAsync() }
}
