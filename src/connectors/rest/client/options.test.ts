import { expect, test } from 'vitest'
import { parseRestOptions } from './options.ts'

const url = 'https://crm.example/v2'

test('what is left out has a default', () => {
  expect(parseRestOptions({ url })).toMatchObject({
    auth: { kind: 'none' },
    spacing: 0,
    concurrency: 4,
    timeouts: { connect: 10_000, response: 60_000, idle: 60_000 },
    retries: { times: 5, wait: 500, longest: 300_000 },
  })
})

test('rates and times are read in the words that people use', () => {
  expect(parseRestOptions({ url, rate: '10/s' }).spacing).toBe(100)
  expect(parseRestOptions({ url, rate: '600 per minute' }).spacing).toBe(100)
  expect(parseRestOptions({ url, rate: '5000/hour' }).spacing).toBe(720)
  expect(parseRestOptions({ url, timeouts: { connect: 5, response: '2 minutes', idle: '500 ms' } }).timeouts).toEqual({
    connect: 5_000,
    response: 120_000,
    idle: 500,
  })
  expect(parseRestOptions({ url, retries: 0 }).retries.times).toBe(0)
  expect(parseRestOptions({ url, retries: { longest: '1h' } }).retries).toEqual({ times: 5, wait: 500, longest: 3_600_000 })
})

test.each([
  [{ url, authh: {} }, '`authh` is not an option of a REST connection', 'did you mean `auth`?'],
  [{ url, auth: { beerer: 's3cret' } }, '`beerer` is not an option of `auth`', 'did you mean `bearer`?'],
  [{ url, auth: {} }, '`auth` of a REST connection: expected one of bearer, basic, api_key, oauth2, found none', undefined],
  [{ url, auth: { bearer: 's3cret', basic: { user: 'a' } } }, 'found bearer and basic', undefined],
  [{ url, auth: { bearer: 's3cret\n' } }, '`auth.bearer` of a REST connection: expected a text of visible ASCII', undefined],
  [{ url, auth: { oauth2: { token_url: url, client_id: 's3cret' } } }, '`auth.oauth2.client_secret`', undefined],
  [{ url, auth: { api_key: { value: 's3cret' } } }, 'either `header` or `param`', undefined],
  [{ url: 'https://s3cret:s3cret@a.example', auth: { bearer: 's3cret' } }, '`auth` of a REST connection', undefined],
  [{ url: 'ftp://s3cret' }, '`url` of a REST connection: expected https://host/path', undefined],
  [{}, '`url` of a REST connection: expected a text, found nothing', undefined],
  [{ url, rate: 's3cret' }, '`rate` of a REST connection: expected requests in a time', undefined],
  [{ url, concurrency: 0 }, '`concurrency`', undefined],
  [{ url, timeouts: { connect: 's3cret' } }, '`timeouts.connect`', undefined],
  [{ url, headers: { 'x y': 's3cret' } }, '`headers`', undefined],
  [{ url, headers: { x: 's3cret\r\n' } }, '`headers.x`', undefined],
])('%j is refused by name, and its values are not told', (input, message, hint) => {
  const refuse = () => parseRestOptions(input)
  expect(refuse).toThrow(message)
  try {
    refuse()
  } catch (error) {
    expect(error).toMatchObject({ name: 'ConfigError', hint })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('s3cret')
  }
})
