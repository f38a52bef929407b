import { RetryableError, RunError } from '../../../core/errors.ts'
import { subject } from '../client/errors.ts'
import type { ColumnSet, SpooledCell } from './column-set.ts'
import { type Json, type JsonObject, parseExact, scalarText } from './exact-json.ts'
import { pageFailure } from './page.ts'
import { PageError } from './page-reader.ts'
import { type PageSink, type PagesRequest, readPages } from './pages.ts'
import { keepsPlaces, type Position } from './paginate.ts'
import { carriedOf } from './row-shape.ts'
import { fieldsOf, type ParentOptions, type SourceOptions } from './source-options.ts'
import type { Spool, SpoolMark } from './spool.ts'
import { SpoolSink } from './spool-sink.ts'

export interface ChildrenRequest extends Pick<PagesRequest, 'client' | 'retries' | 'signal'> {
  readonly source: SourceOptions
  readonly params: Readonly<Record<string, string>>
  readonly columns: ColumnSet
  readonly most: number | undefined
  readonly isSample: boolean
  readonly parents: ParentsPlace
  /** The first of them take children, side by side; the others hold what an earlier run had read. */
  readonly places: readonly ChildrenPlace[]
  readonly workers: number
}

/** Where the rows of the parent go. */
export interface ParentsPlace {
  readonly spool: Spool
  /** Whether an earlier run had read all of them. */
  readonly isComplete?: boolean
  /** Where to go on, and how many rows came before. */
  readonly from?: PagesRequest['from']
  /** A page is complete. @param next where the one after it is, absent after the last one. */
  readonly note?: (next: Position | undefined, rows: number) => Promise<void>
}

/** Where one worker puts children. */
export interface ChildrenPlace {
  readonly spool: Spool
  /** Numbers of the parents whose children are here already. */
  readonly done?: readonly number[]
  /** The page that an earlier run had read last, of a child that has more of them. */
  readonly begun?: ChildPage | undefined
  note?(page: ChildPage): Promise<void>
}

/** A page of a child that is complete. */
export interface ChildPage {
  readonly parent: Parent
  /** Where its children begin in the spool. */
  readonly start: SpoolMark
  /** Rows of the child so far. */
  readonly rows: number
  /** Where the next page is; absent after the last one. */
  readonly position?: Position
}

export interface Parent {
  /** Which row of the parent's it is, from 1. */
  readonly number: number
  /** The fields that are needed of it, by name, as JSON. */
  readonly fields: readonly SpooledCell[]
}

/** Parents that are looked at, in a sample, for one that has children. */
const sampleParents = 5

/** Reads the rows of a parent, then the pages of each one's children. All parents are known before the first child is asked for. */
export async function readChildren(request: ChildrenRequest): Promise<void> {
  const { source, parents, places, workers } = request
  if (!source.parent) return
  if (!parents.isComplete) await readParents(request, source.parent)
  const known = new Set(places.flatMap(({ done = [], begun }) => [...done, ...(begun ? [begun.parent.number] : [])]))
  const queue = parentsOf(parents.spool, known, request.isSample ? sampleParents : Infinity)
  const failed = { error: undefined as unknown }
  await Promise.all(places.slice(0, workers).map((place) => work(request, place, queue, failed)))
  if (failed.error !== undefined) throw failed.error
}

async function readParents({ client, retries, signal, source, isSample, parents }: ChildrenRequest, parent: ParentOptions): Promise<void> {
  const needed = neededOf(source)
  const { spool, from, note } = parents
  let mark = await spool.mark()
  let pages = 0
  let read = 0
  const sink: PageSink = {
    get isFull() {
      return isSample && pages > 0
    },
    add: (row) => [spool.add(needed.map((field) => JSON.stringify(row[field] ?? null)))],
    relieve: () => spool.relieve(),
    begin: async () => {
      mark = await spool.mark()
    },
    takeBack: () => spool.goBack(mark),
    complete: async (next, rows) => {
      pages++
      read = rows
      if (next && keepsPlaces(parent.paginate)) await note?.(next, rows)
    },
  }
  await readPages({ client, options: parent, retries, signal, ...(from ? { from } : {}) }, sink)
  await note?.(undefined, read)
}

/** One after the other, for whoever asks next. */
async function* parentsOf(parents: Spool, known: ReadonlySet<number>, most: number): AsyncGenerator<Parent> {
  let given = 0
  for await (const records of parents.records()) {
    for (const record of records) {
      if (given >= most) return
      if (!known.has(++given)) yield { number: given, fields: record }
    }
  }
}

/** Reads children until there are no more parents, or somebody failed. */
async function work(
  request: ChildrenRequest,
  place: ChildrenPlace,
  queue: AsyncGenerator<Parent>,
  failed: { error: unknown },
): Promise<void> {
  try {
    if (place.begun) await goOnWith(request, place, place.begun)
    for (let next = await queue.next(); !next.done && failed.error === undefined; next = await queue.next()) {
      await readChildrenOf(request, place, { parent: next.value, start: await place.spool.mark() })
      if (place.spool.rows >= (request.most ?? Infinity)) break
    }
  } catch (thrown) {
    failed.error ??= thrown
  }
}

/** What led on from the page before may lead nowhere any more: then all of this child is read again. */
async function goOnWith(request: ChildrenRequest, place: ChildrenPlace, begun: ChildPage): Promise<void> {
  const mark = await place.spool.mark()
  try {
    await readChildrenOf(request, place, begun)
  } catch (thrown) {
    const came = (await place.spool.mark()).bytes > mark.bytes
    if (came || !(thrown instanceof RunError) || thrown instanceof RetryableError) throw thrown
    await place.spool.goBack(begun.start)
    await readChildrenOf(request, place, { parent: begun.parent, start: begun.start })
  }
}

type ChildPlace = Pick<ChildPage, 'parent' | 'start'> & Partial<ChildPage>

async function readChildrenOf(
  { client, retries, signal, source, params, columns, most, isSample }: ChildrenRequest,
  place: ChildrenPlace,
  { parent, start, position, rows = 0 }: ChildPlace,
): Promise<void> {
  let read = rows
  const completed = async (next: Position | undefined, all: number) => {
    read = all
    if (next && keepsPlaces(source.paginate)) await place.note?.({ parent, start, rows: all, position: next })
  }
  try {
    const { path, carried } = childrenOf(source, parent, subject(client.asked({ method: source.method, path: source.resource })))
    const sink = new SpoolSink({ spool: place.spool, columns, source, carried, most, onePage: isSample, completed })
    const from = position && { position, rows }
    await readPages({ client, options: source, retries, signal, params, path, ...(from ? { from } : {}) }, sink)
  } catch (thrown) {
    throw ofParent(thrown, parent)
  }
  await place.note?.({ parent, start, rows: read })
}

/** The same, saying whose children could not be read: by number, since keys are values. */
function ofParent(thrown: unknown, { number }: Parent): unknown {
  if (!(thrown instanceof RunError)) return thrown
  const ErrorClass = thrown instanceof RetryableError ? RetryableError : RunError
  const { code, message, hint } = thrown
  const isGone = code === 'RESOURCE_NOT_FOUND'
  return new ErrorClass({
    code,
    message: `${message}, for one of its parents (row ${number} of \`parent\`)`,
    ...(isGone ? { hint: gone } : hint === undefined ? {} : { hint }),
    cause: thrown,
  })
}

const gone =
  'that row may be gone meanwhile, or rows of its kind have no such resource: run again, or let `parent` give only rows that have one'

function childrenOf(source: SourceOptions, parent: Parent, name: string): { readonly path: string; readonly carried: JsonObject } {
  const fields = Object.fromEntries(neededOf(source).map((field, index) => [field, parseExact(parent.fields[index] ?? 'null')]))
  try {
    const path = source.resource.replace(/\{([^{}]+)\}/g, (_, field: string) => pathPart(fields[field], field))
    return { path, carried: carriedOf(fields, carryOf(source)) }
  } catch (thrown) {
    throw pageFailure(thrown, name)
  }
}

/** By default what stands in the path, as `parent_id`. */
function carryOf({ resource, parent }: SourceOptions): Readonly<Record<string, string>> {
  const carry = parent?.carry ?? {}
  if (Object.keys(carry).length > 0) return carry
  return Object.fromEntries(fieldsOf(resource).map((field) => [field, `parent_${field}`]))
}

function neededOf(source: SourceOptions): readonly string[] {
  return [...new Set([...fieldsOf(source.resource), ...Object.keys(carryOf(source))])]
}

/** @throws PageError where a parent's row has nothing that can stand in a path. */
function pathPart(value: Json | undefined, field: string): string {
  const text = scalarText(value)
  // These are steps of a path by themselves, however they are written.
  if (text !== undefined && !['', '.', '..'].includes(text)) return encodeURIComponent(text)
  throw new PageError(`expected a text or number in the field \`${field}\` of every parent, found none`, {
    hint: 'check `resource` and `parent`',
  })
}
