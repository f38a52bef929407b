import { RunError, SynclineError } from '../../../core/errors.ts'
import type { RestClient, RestResponse } from '../client/client.ts'
import { documentOf } from './json-path.ts'
import type { Answer } from './outcome.ts'
import type { ReadyRequest } from './requests.ts'

/** An answer, or why nobody knows whether the request was done. */
export type Sent = { readonly answer: Answer } | { readonly unknown: SynclineError }

/**
 * Sends a request and reads its answer, statuses that speak of the rows included. What may be repeated is, by the client.
 * @throws SynclineError where the run cannot go on: the login fails, the API stays down, the rate limit does not end.
 */
export async function sendRequest(client: RestClient, request: ReadyRequest): Promise<Sent> {
  let response: RestResponse
  try {
    response = await client.send({ ...request, accept: (status) => speaksOfRows(status, request.repeatable) })
  } catch (thrown) {
    if (thrown instanceof SynclineError && thrown.code === 'OUTCOME_UNKNOWN') return { unknown: thrown }
    throw thrown
  }
  return await readAnswer(response, request)
}

async function readAnswer(response: RestResponse, { repeatable }: ReadyRequest): Promise<Sent> {
  try {
    const text = await response.text()
    const etag = response.headers.get('etag')
    return { answer: { status: response.status, text, document: documentOf(text), ...(etag === null ? {} : { etag }) } }
  } catch (thrown) {
    // The status has come, but what it says of the rows may stand in the part that was lost.
    if (thrown instanceof RunError && !repeatable) return { unknown: thrown }
    throw thrown
  }
}

const nothingDone = new Set([
  'LOGIN_FAILED',
  'PERMISSION_DENIED',
  'RATE_LIMITED',
  'HOST_NOT_FOUND',
  'HOST_UNREACHABLE',
  'OTHER_HOST',
  'TLS_UNTRUSTED',
  'BAD_REQUEST',
])

/** Whether a request that failed so was not done: the server refused to look at it, or never saw it. One that was repeated may have been done before. */
export function wasNotDone(thrown: unknown, { repeatable }: Pick<ReadyRequest, 'repeatable'>): boolean {
  return !repeatable && thrown instanceof SynclineError && nothingDone.has(thrown.code)
}

/** Not those that speak of the login or of the rate limit, nor those that the client repeats. */
function speaksOfRows(status: number, repeatable: boolean): boolean {
  if (status === 401 || status === 403 || status === 429) return false
  const failed = status >= 500 || status === 408 || status === 425
  return !failed || !repeatable
}
