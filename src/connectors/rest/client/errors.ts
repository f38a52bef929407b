import { type ErrorParts, RetryableError, RunError, SynclineError, toSynclineError } from '../../../core/errors.ts'

/** Names a request in messages: the connection, the method and the path, never the query's values. */
export interface Asked {
  readonly connection: string
  readonly method: string
  readonly path: string
}

/** What went wrong with a request, and when it may be tried again. */
export interface Failure {
  readonly error: SynclineError
  /** `always`: the server has done nothing; `repeatable`: it may have; `never`: it would fail again. */
  readonly again: 'always' | 'repeatable' | 'never'
}

export function subject({ connection, method, path }: Asked): string {
  return `${connection}: ${method} ${path}`
}

/** An answer with a status that nobody wanted. */
export function statusFailure(asked: Asked, status: number): Failure {
  const kind = kinds[status] ?? (status >= 500 ? kinds[500] : status < 400 ? unexpected : refused) ?? refused
  const parts = { code: kind.code, message: `${subject(asked)} was answered with ${status} (${kind.what})`, hint: kind.hint }
  return { error: kind.again === 'never' ? new RunError(parts) : new RetryableError(parts), again: kind.again }
}

interface Kind extends Pick<Failure, 'again'> {
  readonly code: string
  readonly what: string
  readonly hint: string
}

const refused: Kind = {
  code: 'REQUEST_REFUSED',
  what: 'the server refuses the request',
  hint: 'check the path, the parameters and the body of the request',
  again: 'never',
}
const unexpected: Kind = { ...refused, code: 'UNEXPECTED_STATUS', what: 'no answer to such a request' }
const login = { code: 'LOGIN_FAILED', hint: 'check `auth` of the connection, and whether the login may do this', again: 'never' } as const
const failing = { code: 'SERVER_FAILED', hint: 'run again when the server is well', again: 'repeatable' } as const

const kinds: Readonly<Record<number, Kind>> = {
  401: { ...login, what: 'the login is not accepted' },
  403: { ...login, code: 'PERMISSION_DENIED', what: 'the login may not do this' },
  404: { ...refused, code: 'RESOURCE_NOT_FOUND', what: 'there is no such resource', hint: 'check the path, and `url` of the connection' },
  408: { ...failing, what: 'the server waited too long for the request' },
  410: { ...refused, code: 'RESOURCE_NOT_FOUND', what: 'the resource is gone' },
  413: { ...refused, what: 'the request is too large' },
  425: { ...failing, what: 'too early' },
  429: {
    code: 'RATE_LIMITED',
    what: 'too many requests',
    hint: 'lower `rate` or `concurrency` of the connection, or run again later',
    again: 'always',
  },
  500: { ...failing, what: 'the server failed' },
  501: { ...refused, what: 'the server cannot do this' },
  503: { ...failing, what: 'the server is not available' },
  505: { ...refused, what: 'the server does not speak this HTTP' },
}

/** What went wrong between here and the server. The driver's own words stay in the cause. */
export function networkFailure(thrown: unknown, asked: Asked, host: string): Failure {
  if (thrown instanceof SynclineError) return { error: thrown, again: 'never' }
  const code = codeOf(thrown)
  const trouble = [lost, ...troubles].find(({ codes }) => codes.test(code))
  if (!trouble) return { error: toSynclineError(thrown), again: 'never' }
  const { error: ErrorClass, again, ...said } = trouble
  const parts: ErrorParts = {
    code: said.code,
    message: `${subject(asked)}: ${said.what.replace('HOST', host)}${said.code === 'TLS_UNTRUSTED' ? ` (${code})` : ''}`,
    hint: said.hint,
    cause: thrown,
  }
  return { error: new ErrorClass(parts), again }
}

interface Trouble extends Pick<Failure, 'again'> {
  readonly codes: RegExp
  readonly code: string
  readonly what: string
  readonly hint: string
  readonly error: typeof RunError
}

const down = 'check the url of the connection, and whether the server is up'

const lost: Trouble = {
  codes: /^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET|UND_ERR_CLOSED|UND_ERR_DESTROYED|ERR_STREAM_PREMATURE_CLOSE)$/,
  code: 'CONNECTION_LOST',
  what: 'the connection to HOST broke off',
  hint: 'run again when the server is up',
  error: RetryableError,
  again: 'repeatable',
}

const troubles: readonly Trouble[] = [
  {
    ...lost,
    codes: /^(ENOTFOUND|EAI_NONAME)$/,
    code: 'HOST_NOT_FOUND',
    what: 'no host is named HOST',
    hint: 'check `url` of the connection',
    error: RunError,
    again: 'never',
  },
  {
    ...lost,
    codes: /^(ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/,
    code: 'HOST_UNREACHABLE',
    what: 'no server answers at HOST',
    hint: down,
    again: 'always',
  },
  {
    ...lost,
    codes: /^UND_ERR_HEADERS_TIMEOUT$/,
    code: 'TIMEOUT',
    what: 'HOST did not answer in time',
    hint: 'raise `timeouts.response` of the connection, or ask for smaller pages',
  },
  {
    ...lost,
    codes: /^UND_ERR_BODY_TIMEOUT$/,
    code: 'TIMEOUT',
    what: 'HOST stopped in the middle of its answer',
    hint: 'raise `timeouts.idle` of the connection, or ask for smaller pages',
  },
  {
    ...lost,
    codes: /CERT|UNABLE_TO_|SELF_SIGNED/,
    code: 'TLS_UNTRUSTED',
    what: 'the certificate of HOST was not accepted',
    hint: 'name the authority that signed it by `ca` of the connection, or mend `url`',
    error: RunError,
    again: 'never',
  },
  {
    ...lost,
    codes: /^(EPROTO|ERR_SSL|ERR_TLS|ERR_OSSL)/,
    code: 'TLS_FAILED',
    what: 'no encrypted connection to HOST came about',
    hint: 'does the server speak HTTPS at this port? Check `url` of the connection',
    error: RunError,
    again: 'never',
  },
  {
    ...lost,
    codes: /^HPE_|^UND_ERR_(RES_|HEADERS_OVERFLOW)/,
    code: 'NOT_HTTP',
    what: 'HOST answered with something that is no HTTP',
    hint: down,
    error: RetryableError,
  },
  {
    ...lost,
    codes: /^Z_|^ERR__ERROR_FORMAT|^ERR_BROTLI|^ERR__/,
    code: 'ANSWER_DAMAGED',
    what: 'the compressed answer of HOST is damaged or cut short',
    hint: 'run again; if it stays so, the server has a defect',
  },
  {
    ...lost,
    codes: /^UND_ERR_INVALID_ARG$|^UND_ERR_NOT_SUPPORTED$|^ERR_INVALID/,
    code: 'BAD_REQUEST',
    what: 'the request cannot be sent: HTTP does not allow a part of it',
    hint: 'check method, headers and path',
    error: RunError,
    again: 'never',
  },
]

/** Node tries every address of a name and gathers what each said; others wrap what happened. */
function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  if ('code' in thrown && typeof thrown.code === 'string') return isMidway(thrown) ? 'ECONNRESET' : thrown.code
  const inner: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown.cause
  return inner === undefined ? '' : codeOf(inner)
}

/** A time that runs out while a connection is read or written says nothing of whether the request came through. */
function isMidway(thrown: Error): boolean {
  return 'syscall' in thrown && (thrown.syscall === 'read' || thrown.syscall === 'write')
}
