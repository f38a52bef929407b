import { type ErrorParts, RetryableError, RunError, type SynclineError } from '../../core/errors.ts'
import type { Place } from './place.ts'

/** What went wrong between here and the server, or `undefined` where it was something else. */
export function connectionError(thrown: unknown, { connection, server }: Place): SynclineError | undefined {
  const { codes, messages } = facts(thrown)
  const has = (known: ReadonlySet<string>) => codes.some((code) => known.has(code))
  const parts = (kind: string, what: string, hint: string): ErrorParts => ({
    code: kind,
    message: `${connection} (${server}): ${what}`,
    hint,
    cause: thrown,
  })
  const untrusted = codes.find((code) => certificateErrors.test(code))
  if (untrusted !== undefined) return new RunError(parts('TLS_UNTRUSTED', untrustedWords(untrusted), trustHint(untrusted)))
  if (codes.includes('ENOTFOUND') || codes.includes('EAI_NONAME'))
    return new RunError(parts('HOST_NOT_FOUND', 'no host has this name', 'check `host` in the connection'))
  if (codes.includes('EINSTLOOKUP'))
    return new RunError(
      parts('INSTANCE_NOT_FOUND', 'no SQL Server Browser told the port of this instance', 'check `instance`, or give `port` in its place'),
    )
  if (has(broken))
    return new RetryableError(parts('CONNECTION_LOST', 'the connection to the server was lost', 'run again when the server is up'))
  if (/encryption|won't encrypt/i.test(messages))
    return new RunError(parts('TLS_REFUSED', 'the server offers no encryption', 'turn it on there, or set `encrypt: false`'))
  if (has(unreachable) || codes.includes('ESOCKET') || codes.includes('ETIMEOUT'))
    return new RetryableError(parts('HOST_UNREACHABLE', 'no server answers there', 'check host and port, and whether the server is up'))
  return undefined
}

/** TDS 8 begins with TLS, for which servers that do not speak it have no answer: they end the connection. */
export function strictError(failure: SynclineError, { connection, server }: Place): SynclineError {
  if (failure.code !== 'CONNECTION_LOST') return failure
  return new RunError({
    code: 'TLS_REFUSED',
    message: `${connection} (${server}): the server ended the connection as TDS 8 began, which \`encrypt: strict\` asks for`,
    hint: 'SQL Server 2022 and later and Azure SQL speak it; for any other set `encrypt: true`',
    cause: failure,
  })
}

/** RFC 6125: a certificate names its hosts; Node says `ERR_TLS_CERT_ALTNAME_INVALID` where ours is not among them. */
function untrustedWords(code: string): string {
  if (/SELF_SIGNED/.test(code)) return `the server shows a self-signed certificate, which proves nothing about who it is (${code})`
  return `the server's certificate was not accepted (${code})`
}

function trustHint(code: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'connect by a host name that the certificate holds'
  return 'name the authority that signed it by `ca` (a PEM file), or, on a network that you trust, set `trustServerCertificate: true`'
}

const unreachable: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'])
const broken: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ECONNABORTED',
  'ECLOSE',
  'ENOTOPEN',
  'EINVALIDSTATE',
])
const certificateErrors = /CERT|UNABLE_TO_|SELF_SIGNED|^ERR_TLS|^ERR_SSL|^ERR_OSSL|^EPROTO$/

/** Codes and messages of an error, of its causes, and of those that it gathers: Node tries every address of a name. */
function facts(thrown: unknown): { readonly codes: readonly string[]; readonly messages: string } {
  const codes: string[] = []
  const messages: string[] = []
  const pending: unknown[] = [thrown]
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    if (!(one instanceof Error)) continue
    if ('code' in one && typeof one.code === 'string') codes.push(one.code)
    messages.push(one.message)
    pending.push(one.cause, ...(one instanceof AggregateError ? one.errors : []))
  }
  return { codes, messages: messages.join('\n') }
}
