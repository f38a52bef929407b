import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestClient } from './testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'syncline-tls-'))
const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
const made = spawnSync('openssl', [
  'req',
  '-x509',
  '-newkey',
  'rsa:2048',
  '-nodes',
  '-days',
  '1',
  '-subj',
  '/CN=localhost',
  '-addext',
  'subjectAltName=IP:127.0.0.1',
  '-keyout',
  key,
  '-out',
  certificate,
])
const server = createServer((_, response) => response.end('{}'))

beforeAll(async () => {
  if (made.status === 0) server.setSecureContext({ key: readFileSync(key), cert: readFileSync(certificate) })
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
})

afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const url = () => `https://127.0.0.1:${(server.address() as AddressInfo).port}`
const get = { method: 'GET', path: '/a', repeatable: true }

test.skipIf(made.status !== 0)(
  'a certificate that nobody vouches for is refused, unless its authority is named (needs openssl)',
  async () => {
    await using client = await openTestClient({ url: url() })
    await expect(client.send(get)).rejects.toMatchObject({ code: 'TLS_UNTRUSTED', hint: expect.stringContaining('`ca`') })
    await using trusting = await openTestClient({ url: url(), ca: certificate })
    expect((await trusting.send(get)).status).toBe(200)
  },
)

test('an authority that cannot be read is named', async () => {
  await expect(openTestClient({ url: 'https://a.example', ca: './nowhere.pem' })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
})
