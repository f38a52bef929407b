import { type ErrorParts, RetryableError, RunError, type SynclineError } from '../../core/errors.ts'
import type { Place } from './place.ts'

/** What went wrong between here and the server, or `undefined` where it was something else. */
export function networkError(thrown: unknown, { connection, server }: Place): SynclineError | undefined {
  const { code, message } = facts(thrown)
  const parts = (kind: string, what: string, hint: string): ErrorParts => ({
    code: kind,
    message: `${connection} (${server}): ${what}`,
    hint,
    cause: thrown,
  })
  if (code === 'ENOTFOUND' || code === 'EAI_NONAME')
    return new RunError(parts('HOST_NOT_FOUND', 'no host has this name', 'check `host` in the connection'))
  if (unreachable.has(code) || message === 'timeout expired')
    return new RetryableError(parts('HOST_UNREACHABLE', 'no server answers there', 'check host and port, and whether the server is up'))
  if (message.includes('does not support SSL connections'))
    return new RunError(
      parts('TLS_REFUSED', 'the server offers no TLS, which `sslmode` asks for', 'turn TLS on there, or set sslmode=disable'),
    )
  if (certificateErrors.test(code))
    return new RunError(
      parts('TLS_UNTRUSTED', `the server's certificate was not accepted (${code})`, 'name the authority that signed it by `sslrootcert`'),
    )
  if (broken.has(code) || /Connection terminated|connection (has been|was) (closed|terminated)|not queryable/i.test(message))
    return new RetryableError(parts('CONNECTION_LOST', 'the connection to the server was lost', 'run again when the server is up'))
  return undefined
}

const unreachable: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'ENOENT'])
const broken: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNABORTED'])
const certificateErrors = /CERT|UNABLE_TO_|SELF_SIGNED|^ERR_TLS|^ERR_SSL|^ERR_OSSL|^EPROTO$/

/** Node tries every address of a name and gathers what each said. */
function facts(thrown: unknown): { readonly code: string; readonly message: string } {
  if (!(thrown instanceof Error)) return { code: '', message: String(thrown) }
  const inner: unknown = thrown instanceof AggregateError ? thrown.errors[0] : undefined
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  return inner instanceof Error && code === '' ? facts(inner) : { code, message: thrown.message }
}
