import { connect, isIP, type Socket } from 'node:net'
import type { SslOptions } from 'mysql2'
import { readCertificate } from '../sql/certificate.ts'
import type { TlsOptions } from './options.ts'

/**
 * What the TLS layer is told for a mode: `prefer` and `require` encrypt and trust anyone (`require` with a root certificate
 * checks it), `verify-ca` checks the certificate, `verify-full` its host name too. `undefined` is no TLS.
 * @throws ConfigError where a certificate's file cannot be read.
 */
export async function tlsSettings(options: TlsOptions, baseDirectory: string): Promise<SslOptions | undefined> {
  if (options.mode === 'disable') return undefined
  const read = async (path: string | undefined) => (path === undefined ? undefined : await readCertificate(path, baseDirectory, 'MySQL'))
  const [ca, cert, key] = await Promise.all([read(options.rootCertificate), read(options.certificate), read(options.key)])
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: options.mode.startsWith('verify') || (options.mode === 'require' && ca !== undefined),
    verifyIdentity: options.mode === 'verify-full',
  }
}

/**
 * Where the server is known by its address alone, and that is to be checked: a socket that says to whom it was connected. Without,
 * Node would hold the certificate against `localhost` (`tls.connect` takes the name of a socket that it is given from there).
 */
export function addressedSocket({ verifyIdentity }: SslOptions, host: string, port: number): { readonly stream?: () => Socket } {
  if (!verifyIdentity || isIP(host) === 0) return {}
  return { stream: () => Object.assign(connect({ host, port, noDelay: true, keepAlive: true }), { _host: host }) }
}
