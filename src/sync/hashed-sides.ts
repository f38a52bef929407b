import type { Bucket, DigestRequest, Digests, ReadRequest, Snapshot } from '../connectors/connector.ts'
import type { Column } from '../core/table.ts'

/** One of two tables that are compared by hashes, and what it is asked by. */
export interface Side {
  readonly view: Snapshot
  readonly digests: Digests
  readonly request: ReadRequest & { readonly columns: readonly string[] }
  readonly key: readonly Column[]
}

export interface Both<One = Side> {
  readonly source: One
  readonly target: One
}

export type Hashed = Both<Side & { readonly request: DigestRequest }>

/** @throws Error where nobody looked before whether the view has any. */
export function digestsOf({ digests }: Snapshot): Digests {
  if (digests) return digests
  throw new Error('a side that hashes no rows was asked to')
}

/** The sides with a form that both hash in, or why there is none. */
export async function hashable({ source, target }: Both): Promise<Hashed | string> {
  const [ours, theirs] = await Promise.all([source.digests.forms(source.request), target.digests.forms(target.request)])
  const form = ours.find((one) => theirs.includes(one))
  if (form === undefined) return 'the two sides hash rows in different ways'
  return { source: { ...source, request: { ...source.request, form } }, target: { ...target, request: { ...target.request, form } } }
}

/** Whether a system holds these columns, or some of them, unique. */
export function isUnique(uniques: readonly (readonly string[])[], key: readonly string[]): boolean {
  return uniques.some((columns) => columns.every((name) => key.includes(name)))
}

/** Whether even ranges of a column are ranges of 64 bits with a sign. */
export function isCountable({ type }: Column): boolean {
  return type.kind === 'integer' && type.signed
}

/** What the system believes to hold will do for more than `few`; fewer rows are counted. */
export async function rowsOf({ view, request }: Pick<Side, 'view' | 'request'>, few: number, believed = 0): Promise<number> {
  return believed > few ? believed : await view.count(request)
}

/** Whether a bucket holds the same rows on both sides. */
export function agree(ours: Bucket | undefined, theirs: Bucket | undefined): boolean {
  return ours !== undefined && theirs !== undefined && ours.rows === theirs.rows && ours.digest === theirs.digest
}
