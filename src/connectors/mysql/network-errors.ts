import { type ErrorParts, RetryableError, RunError, type SynclineError } from '../../core/errors.ts'
import type { Place } from './place.ts'

/** What went wrong between here and the server, or `undefined` where it was something else. */
export function networkError(thrown: unknown, { connection, server }: Place): SynclineError | undefined {
  const { code, message, inner } = facts(thrown)
  const parts = (kind: string, what: string, hint: string): ErrorParts => ({
    code: kind,
    message: `${connection} (${server}): ${what}`,
    hint,
    cause: thrown,
  })
  if (code === 'ENOTFOUND' || code === 'EAI_NONAME')
    return new RunError(parts('HOST_NOT_FOUND', 'no host has this name', 'check `host` in the connection'))
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT')
    return new RunError(
      parts('TLS_REFUSED', 'the server offers no TLS, which `sslmode` asks for', 'turn TLS on there, or set sslmode=disable'),
    )
  const certificate = [code, inner].find((one) => certificateErrors.test(one))
  if (certificate !== undefined || code === 'HANDSHAKE_SSL_ERROR')
    return new RunError(
      parts(
        'TLS_UNTRUSTED',
        `the server's certificate was not accepted (${certificate ?? message})`,
        /altnames/.test(message)
          ? 'connect by a name that the certificate is for, or leave names unchecked by sslmode=verify-ca'
          : 'name the authority that signed it by `sslrootcert`',
      ),
    )
  if (unreachable.has(code) || message === 'connect ETIMEDOUT')
    return new RetryableError(parts('HOST_UNREACHABLE', 'no server answers there', 'check host and port, and whether the server is up'))
  if (broken.has(code) || /closed state|Connection lost|packets out of order/i.test(message))
    return new RetryableError(parts('CONNECTION_LOST', 'the connection to the server was lost', 'run again when the server is up'))
  return undefined
}

const unreachable: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'ENOENT'])
const broken: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ECONNABORTED',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_ERROR',
])
const certificateErrors = /CERT|UNABLE_TO_|SELF_SIGNED|^ERR_TLS|^ERR_SSL|^ERR_OSSL|^EPROTO$/

/** Node tries every address of a name and gathers what each said. */
function facts(thrown: unknown): { readonly code: string; readonly message: string; readonly inner: string } {
  if (!(thrown instanceof Error)) return { code: '', message: String(thrown), inner: '' }
  const first: unknown = thrown instanceof AggregateError ? thrown.errors[0] : undefined
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  const cause = thrown.cause instanceof Error && 'code' in thrown.cause ? String(thrown.cause.code) : ''
  const certificate = /[A-Z_]*(?:CERT|SELF_SIGNED)[A-Z_]*/.exec(thrown.message)?.[0] ?? ''
  return first instanceof Error && code === '' ? facts(first) : { code, message: thrown.message, inner: cause || certificate }
}
