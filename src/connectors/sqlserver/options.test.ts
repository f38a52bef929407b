import { expect, test } from 'vitest'
import { ConfigError } from '../../core/errors.ts'
import { parseOptions } from './options.ts'

test('a URL says host, port, database and login; parameters say the rest', () => {
  expect(
    parseOptions({ url: 'sqlserver://ann:p%40ss@db.example:1444/Shop?trustServerCertificate=true&schema=sales&lock_timeout=5' }),
  ).toEqual({
    host: 'db.example',
    port: 1444,
    instance: undefined,
    database: 'Shop',
    login: { kind: 'password', user: 'ann', password: 'p@ss' },
    tls: { encrypt: true, trustServerCertificate: true, ca: undefined },
    schema: 'sales',
    connectTimeoutSeconds: 15,
    lockTimeoutSeconds: 5,
  })
  expect(parseOptions({ url: 'mssql://ann@[::1]/Shop' })).toMatchObject({
    host: '::1',
    port: undefined,
    login: { user: 'ann', password: '' },
  })
})

test('fields win over the URL', () => {
  const options = parseOptions({
    url: 'sqlserver://ann:old@db/Shop',
    password: 'new',
    encrypt: 'strict',
    instance: 'SQL2022',
    ca: './ca.pem',
  })
  expect(options).toMatchObject({ login: { password: 'new' }, tls: { encrypt: 'strict', ca: './ca.pem' }, instance: 'SQL2022' })
})

test('encryption is on unless it is turned off, and certificates are checked unless someone says otherwise', () => {
  expect(parseOptions({ user: 'ann' }).tls).toEqual({ encrypt: true, trustServerCertificate: false, ca: undefined })
  expect(parseOptions({ user: 'ann', encrypt: false }).tls.encrypt).toBe(false)
  expect(parseOptions({ url: 'sqlserver://ann@db/x?encrypt=false' }).tls.encrypt).toBe(false)
})

test('Windows accounts and tokens are logins, too', () => {
  expect(parseOptions({ user: 'ann', password: 'x', domain: 'CORP' }).login).toEqual({
    kind: 'windows',
    user: 'ann',
    password: 'x',
    domain: 'CORP',
  })
  expect(parseOptions({ token: 'ey…' }).login).toEqual({ kind: 'token', token: 'ey…' })
})

test.each([
  [{ user: 'ann', hosts: 'x' }, /`hosts` is not an option of SQL Server/],
  [{ url: 'sqlserver://ann@db/x?trust=1' }, /`trust` is not a URL parameter/],
  [{ url: 'sqlserver:ann' }, /`url` of a SQL Server connection: expected sqlserver:\/\/user/],
  [{ url: 'sqlserver://ann:secret%zz@db/x' }, /`url` of a SQL Server connection/],
  [{ user: 'ann', port: 70_000 }, /`port`.*from 1 to 65535/],
  [{ user: 'ann', encrypt: 'maybe' }, /`encrypt`.*true, false or strict/],
  [{ user: 'ann', trustServerCertificate: 'yes' }, /`trustServerCertificate`.*true or false/],
  [{ user: 'ann', token: 'x' }, /`token`.*a token alone/],
  [{ host: 'db' }, /`user` of a SQL Server connection: expected a login, found none/],
])('%o is refused by name, and shows no password', (input, message) => {
  expect(() => parseOptions(input)).toThrow(ConfigError)
  expect(() => parseOptions(input)).toThrow(message)
  expect(() => parseOptions(input)).not.toThrow(/secret/)
})
