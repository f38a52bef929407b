import { expect, test } from 'vitest'
import { ConfigError } from '../../core/errors.ts'
import { parseOptions } from './options.ts'

function refused(input: Readonly<Record<string, unknown>>): ConfigError {
  try {
    parseOptions(input)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('accepted')
}

test('a URL says everything', () => {
  expect(
    parseOptions({
      url: 'postgresql://me:p%40ss@db.example:6543/shop%20a?sslmode=verify-ca&sslrootcert=ca.pem&schema=sales&connect_timeout=3',
    }),
  ).toEqual({
    host: 'db.example',
    port: 6543,
    database: 'shop a',
    user: 'me',
    password: 'p@ss',
    tls: { mode: 'verify-ca', rootCertificate: 'ca.pem', certificate: undefined, key: undefined },
    schema: 'sales',
    connectTimeoutSeconds: 3,
    lockTimeoutSeconds: 30,
  })
})

test('fields stand beside a URL and win over it', () => {
  const options = parseOptions({
    url: 'postgres://me@[::1]/shop?host=/run/postgresql',
    password: 'secret',
    user: 'other',
    ssl: false,
  })
  expect(options).toMatchObject({
    host: '/run/postgresql',
    user: 'other',
    password: 'secret',
    tls: { mode: 'disable' },
  })
  expect(parseOptions({ url: 'postgres://[::1]/shop' }).host).toBe('::1')
  expect(parseOptions({ url: 'postgres:///shop' })).toMatchObject({ host: undefined, database: 'shop', tls: { mode: 'prefer' } })
  expect(parseOptions({ host: 'db', sslrootcert: 'ca.pem' }).tls.mode).toBe('verify-full')
})

test('an unknown key is named with the nearest one', () => {
  expect(refused({ hots: 'db' })).toMatchObject({ code: 'UNKNOWN_OPTION', hint: 'did you mean `host`?' })
  expect(refused({ url: 'postgres://db/shop?ssl_mode=require' })).toMatchObject({ code: 'UNKNOWN_OPTION', hint: 'did you mean `sslmode`?' })
})

test('bad values are refused by the name of their key, and secrets stay out', () => {
  for (const [key, value] of Object.entries({
    port: 'x',
    host: 5,
    ssl: 'maybe',
    connect_timeout: 0,
    url: 'mysql://db',
  })) {
    expect(refused({ [key]: value }).message).toContain(`\`${key}\``)
  }
  const error = refused({ url: 'postgres://me:s3cret%zz@db/shop' })
  expect(error.message).not.toContain('s3cret')
})
