import type { ConnectionOptions } from 'node:tls'
import { readCertificate } from '../sql/certificate.ts'
import type { TlsOptions } from './options.ts'

/**
 * What the TLS layer is told for a mode, as libpq means it: `prefer` and `require` encrypt and trust anyone (`require`
 * with a root certificate checks it), `verify-ca` checks the certificate, `verify-full` its host name too. `false` is no TLS.
 * @throws ConfigError where a certificate's file cannot be read.
 */
export async function tlsSettings(options: TlsOptions, baseDirectory: string): Promise<false | ConnectionOptions> {
  if (options.mode === 'disable') return false
  const read = async (path: string | undefined) =>
    path === undefined || path === 'system' ? undefined : await readCertificate(path, baseDirectory, 'PostgreSQL')
  const [ca, cert, key] = await Promise.all([read(options.rootCertificate), read(options.certificate), read(options.key)])
  const checked = options.mode.startsWith('verify') || (options.mode === 'require' && ca !== undefined)
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: checked,
    ...(options.mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  }
}
