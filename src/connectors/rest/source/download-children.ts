import { RunError } from '../../../core/errors.ts'
import { type ChildrenPlace, type ParentsPlace, readChildren } from './children.ts'
import { ColumnSet } from './column-set.ts'
import { type KeptChildren, openKeptChildren, readKeptChildren, removeKeptChildren, seenIn } from './kept-children.ts'
import type { KeptPages } from './kept-pages.ts'
import { type Download, type DownloadRequest, disposer, type Origin, pagesOf, sampleRows, tellGoingOn, temporaryFile } from './origin.ts'
import { Spool } from './spool.ts'

/** Reads the children of every row of a parent into files of this run. */
export async function downloadChildren(origin: Origin, request: DownloadRequest): Promise<Download> {
  const { source, limit, isSample, seen } = request
  await using opened = new AsyncDisposableStack()
  const columns = new ColumnSet(source.columns, seen)
  const open = async () => opened.use(await Spool.open(temporaryFile(origin)))
  const parents = { spool: await open() }
  const places = await Promise.all(Array.from({ length: isSample ? 1 : origin.options.concurrency }, async () => ({ spool: await open() })))
  const most = isSample ? sampleRows : limit
  await readChildren({ ...pagesOf(origin), ...request, columns, most, parents, places, workers: places.length })
  return downloaded(columns, places, opened)
}

/** The same into files that stay for the next run unless the read comes to its end. */
export async function downloadKeptChildren(origin: Origin, request: DownloadRequest, kept: KeptPages): Promise<Download> {
  const { source, seen } = request
  await using opened = new AsyncDisposableStack()
  const earlier = await earlierChildren(kept)
  const columns = new ColumnSet(source.columns, earlier.some(({ lines }) => lines.length > 0) ? seenIn(earlier) : seen)
  const parents = await keptParents(kept)
  opened.defer(() => parents.spool.close())
  const workers = origin.options.concurrency
  const places = await openKeptChildren(kept.directory, earlier, workers, columns)
  for (const { spool } of places) opened.defer(() => spool.close())
  const rows = places.reduce((sum, { spool }) => sum + spool.rows, 0)
  if (rows > 0) tellGoingOn(origin, { rows })
  try {
    await readChildren({ ...pagesOf(origin), ...request, columns, most: undefined, parents, places, workers })
  } catch (thrown) {
    // A parent that is gone would be asked for its children again and again.
    if (thrown instanceof RunError && thrown.code === 'RESOURCE_NOT_FOUND') await kept.forget()
    throw thrown
  }
  await kept.forget()
  for (const place of places) await place.forget()
  for (const { spool } of [parents, ...places]) opened.use(spool)
  return downloaded(columns, places, opened)
}

/** Children are read once all parents are known. */
async function earlierChildren({ earlier, directory }: KeptPages): Promise<readonly KeptChildren[]> {
  if (earlier && earlier.position === undefined) return await readKeptChildren(directory)
  await removeKeptChildren(directory)
  return []
}

async function keptParents(kept: KeptPages): Promise<ParentsPlace> {
  const { earlier } = kept
  const begun = earlier?.begun ?? Date.now()
  const spool = await Spool.open(kept.spoolPath, earlier?.mark)
  return {
    spool,
    isComplete: earlier !== undefined && earlier.position === undefined,
    ...(earlier?.position ? { from: { position: earlier.position, rows: earlier.rows } } : {}),
    note: async (position, rows) => {
      const mark = await spool.mark()
      await spool.secure()
      await kept.note({ mark, seen: [], rows, begun, ...(position ? { position } : {}) })
    },
  }
}

function downloaded(columns: ColumnSet, places: readonly ChildrenPlace[], opened: AsyncDisposableStack): Download {
  const spools = places.map(({ spool }) => spool)
  return { columns, spools, rows: spools.reduce((sum, { rows }) => sum + rows, 0), [Symbol.asyncDispose]: disposer(opened) }
}
