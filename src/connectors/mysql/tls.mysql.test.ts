import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mariadbPrograms, startPrivateMariadb } from '../../../test/services/private-mariadb.ts'
import { RunError } from '../../core/errors.ts'
import { errorOf, textOf } from '../sql/testing.ts'
import { openMysql } from './testing.ts'

const programs = mariadbPrograms()
const openssl = await promisify(execFile)('openssl', ['version']).then(
  () => true,
  () => false,
)
const why =
  programs === undefined ? 'needs MariaDB installed on this machine' : openssl ? undefined : 'needs openssl, which makes certificates'

describe.skipIf(why !== undefined)(`TLS${why === undefined ? '' : ` (${why})`}`, () => {
  const opened = new AsyncDisposableStack()
  let url: URL
  let folder: string
  beforeAll(async () => {
    if (!programs) return
    folder = await mkdtemp(join(tmpdir(), 'syncline-tls-'))
    opened.defer(() => rm(folder, { recursive: true, force: true }))
    await makeCertificates(folder)
    url = new URL(opened.use(await startPrivateMariadb(programs, settings('server'))).url)
  })
  afterAll(async () => await opened.disposeAsync())

  const settings = (certificate: string) => [`--ssl-cert=${join(folder, `${certificate}.pem`)}`, `--ssl-key=${join(folder, 'server.key')}`]
  const open = async (parameters: Readonly<Record<string, string>>, host = 'localhost') => {
    const asked = Object.assign(new URL(url), { hostname: host })
    for (const [name, value] of Object.entries(parameters)) asked.searchParams.set(name, value)
    return await openMysql({ url: asked.href })
  }
  const cipher = async (parameters: Readonly<Record<string, string>>, host?: string) => {
    await using endpoint = await open(parameters, host)
    await using view = await endpoint.reader?.snapshot()
    const query = "SELECT variable_value AS v FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'"
    const rows = await view?.read({ source: { query } })
    return (await textOf(rows?.csv?.(1)[0])).trim()
  }

  test.each(['true', 'required', 'prefer'])('ssl=%s encrypts, and trusts whoever answers', async (ssl) => {
    expect(await cipher({ ssl })).toMatch(/^\w+/)
  })

  test('encrypts unasked where the server can, and not where it is not to', async () => {
    expect(await cipher({})).toMatch(/^\w+/)
    expect(await cipher({ ssl: 'disabled' })).toBe('""')
  })

  test.each(['verify-ca', 'verify-full'])(
    'sslmode=%s refuses a certificate that nobody known signed, and says what to name',
    async (sslmode) => {
      const error = await errorOf(open({ sslmode }))
      expect(error).toBeInstanceOf(RunError)
      expect(error).toMatchObject({ code: 'TLS_UNTRUSTED', hint: expect.stringContaining('sslrootcert') })
      expect(String(error)).toMatch(/certificate/i)
    },
  )

  test('the authority that signed it is taken from a file, and so is the host checked', async () => {
    const sslrootcert = join(folder, 'ca.pem')
    expect(await cipher({ sslrootcert })).toMatch(/^\w+/)
    expect(await cipher({ sslrootcert, sslmode: 'verify-ca' })).toMatch(/^\w+/)
  })

  test('a certificate of another authority, or for another host, is refused', async () => {
    expect(await errorOf(open({ sslrootcert: join(folder, 'other-ca.pem') }))).toMatchObject({ code: 'TLS_UNTRUSTED' })
    const sslrootcert = join(folder, 'ca.pem')
    expect(await errorOf(open({ sslrootcert }, '127.0.0.1'))).toMatchObject({
      code: 'TLS_UNTRUSTED',
      hint: expect.stringContaining('sslmode=verify-ca'),
    })
    expect(await cipher({ sslrootcert, sslmode: 'verify-ca' }, '127.0.0.1')).toMatch(/^\w+/)
  })

  test('an address is held against the addresses of the certificate', async () => {
    if (!programs) return
    await using server = await startPrivateMariadb(programs, settings('address'))
    const parameters = `sslrootcert=${join(folder, 'ca.pem')}`
    await using endpoint = await openMysql({ url: `${server.url}?${parameters}` })
    expect(endpoint.summary).toContain('read and write')
    const byName = server.url.replace('127.0.0.1', 'localhost')
    expect(await errorOf(openMysql({ url: `${byName}?${parameters}` }))).toMatchObject({ code: 'TLS_UNTRUSTED' })
  })

  test('a file that is not there is named', async () => {
    expect(await errorOf(open({ sslrootcert: join(folder, 'nowhere.pem') }))).toMatchObject({
      code: 'CERTIFICATE_NOT_FOUND',
      message: expect.stringContaining('nowhere.pem'),
    })
  })
})

/** An authority, one that signed nothing, and the server's certificates for `localhost` and for the address, valid for a day. */
async function makeCertificates(folder: string): Promise<void> {
  const run = async (...command: readonly string[]) => await promisify(execFile)('openssl', [...command], { cwd: folder })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  for (const name of ['ca', 'other-ca'])
    await run('req', '-x509', ...key, '-days', '1', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`)
  await run('req', ...key, '-subj', '/CN=syncline', '-keyout', 'server.key', '-out', 'server.csr')
  for (const [name, subject] of [
    ['server', 'DNS:localhost'],
    ['address', 'IP:127.0.0.1'],
  ] as const) {
    await writeFile(join(folder, 'names'), `subjectAltName = ${subject}\n`)
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1', '-extfile', 'names']
    await run('x509', '-req', '-in', 'server.csr', ...signed, '-out', `${name}.pem`)
  }
  // The server may run as an account of its own.
  await chmod(folder, 0o755)
  await chmod(join(folder, 'server.key'), 0o644)
}
