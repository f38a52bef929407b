import { RetryableError, RunError } from '../../../core/errors.ts'
import { subject } from '../client/errors.ts'
import type { ColumnSet, SpooledCell } from './column-set.ts'
import { type Json, type JsonObject, parseExact, scalarText } from './exact-json.ts'
import { pageFailure } from './page.ts'
import { PageError } from './page-reader.ts'
import { type PageSink, type PagesRequest, readPages } from './pages.ts'
import { carriedOf } from './row-shape.ts'
import { fieldsOf, type ParentOptions, type SourceOptions } from './source-options.ts'
import type { Spool } from './spool.ts'
import { SpoolSink } from './spool-sink.ts'

export interface ChildrenRequest extends Pick<PagesRequest, 'client' | 'retries' | 'signal'> {
  readonly source: SourceOptions
  readonly params: Readonly<Record<string, string>>
  readonly columns: ColumnSet
  /** Parents whose children are read side by side. */
  readonly concurrency: number
  readonly most: number | undefined
  readonly isSample: boolean
  /** A new spool. */
  spool(): Promise<Spool>
}

/** Parents that are looked at, in a sample, for one that has children. */
const sampleParents = 5

/**
 * Reads the rows of a parent, then the pages of each one's children. All parents are known before the first child is asked for.
 * @returns the spools that hold the children.
 */
export async function readChildren(request: ChildrenRequest): Promise<readonly Spool[]> {
  const { source, concurrency } = request
  if (!source.parent) return []
  await using parents = await readParents(request, source.parent)
  const queue = parentsOf(parents, request.isSample ? sampleParents : Infinity)
  const failed = { error: undefined as unknown }
  const workers = Array.from({ length: Math.min(concurrency, Math.max(parents.rows, 1)) }, () => work(request, queue, failed))
  const spools = await Promise.all(workers)
  if (failed.error !== undefined) throw failed.error
  return spools
}

interface Parent {
  /** Which row of the parent's it is, from 1. */
  readonly number: number
  /** The fields that are needed of it, by name, as JSON. */
  readonly fields: readonly SpooledCell[]
}

async function readParents({ client, retries, signal, source, isSample, spool }: ChildrenRequest, parent: ParentOptions): Promise<Spool> {
  const needed = neededOf(source)
  const into = await spool()
  let mark = await into.mark()
  let pages = 0
  const sink: PageSink = {
    get isFull() {
      return isSample && pages > 0
    },
    add: (row) => [into.add(needed.map((field) => JSON.stringify(row[field] ?? null)))],
    relieve: () => into.relieve(),
    begin: async () => {
      mark = await into.mark()
    },
    takeBack: () => into.goBack(mark),
    complete: async () => {
      pages++
    },
  }
  await readPages({ client, options: parent, retries, signal }, sink)
  return into
}

/** One after the other, for whoever asks next. */
async function* parentsOf(parents: Spool, most: number): AsyncGenerator<Parent> {
  let given = 0
  for await (const records of parents.records()) {
    for (const record of records) {
      if (given >= most) return
      yield { number: ++given, fields: record }
    }
  }
}

/** Reads children until there are no more parents, or somebody failed. */
async function work(request: ChildrenRequest, queue: AsyncGenerator<Parent>, failed: { error: unknown }): Promise<Spool> {
  const spool = await request.spool()
  try {
    for (let next = await queue.next(); !next.done && failed.error === undefined; next = await queue.next()) {
      await readChildrenOf(request, next.value, spool)
      if (spool.rows >= (request.most ?? Infinity)) break
    }
  } catch (thrown) {
    failed.error ??= thrown
  }
  return spool
}

async function readChildrenOf(
  { client, retries, signal, source, params, columns, most, isSample }: ChildrenRequest,
  parent: Parent,
  spool: Spool,
): Promise<void> {
  try {
    const { path, carried } = childrenOf(source, parent, subject(client.asked({ method: source.method, path: source.resource })))
    const sink = new SpoolSink({ spool, columns, source, carried, most, onePage: isSample })
    await readPages({ client, options: source, retries, signal, params, path }, sink)
  } catch (thrown) {
    throw ofParent(thrown, parent)
  }
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
