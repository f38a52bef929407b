import { expect, test } from 'vitest'
import { resolveConfig } from './load.ts'
import type { ConfigInput } from './schema.ts'

async function connection(input: NonNullable<ConfigInput['connections']>[string]) {
  const { connections } = await resolveConfig({ connections: { shop: input } }, '/work')
  return connections.get('shop')
}

test('a zone belongs to any connection and never reaches its connector', async () => {
  expect(await connection({ type: 'sqlite', path: 'a.db', zone: 'europe/berlin' })).toMatchObject({
    options: { path: 'a.db' },
    zone: 'Europe/Berlin',
  })
  const { options, zone } = (await connection({ type: 'rest', url: 'https://a.example/?zone=3', zone: 'UTC' })) ?? {}
  expect([options, zone]).toEqual([{ url: 'https://a.example/?zone=3' }, 'UTC'])
})

test.each([
  ['postgres://db/shop?zone=Europe/Berlin', 'postgres://db/shop'],
  ['postgres://db/shop?zone=Europe%2FBerlin&schema=a', 'postgres://db/shop?schema=a'],
  ['postgres://db/shop?schema=a&zone=Europe/Berlin&sslmode=require', 'postgres://db/shop?schema=a&sslmode=require'],
])('a database’s URL has it for a parameter: %s', async (url, without) => {
  expect(await connection(url)).toMatchObject({ options: { url: without }, zone: 'Europe/Berlin' })
})

test.each([
  ['Berlin', 'did you mean `Europe/Berlin`?'],
  ['Europe/Berlni', 'did you mean `Europe/Berlin`?'],
  ['new york', 'did you mean `America/New_York`?'],
  ['+02:00', undefined],
])('what is no zone is refused with what may be meant: %s', async (zone, hint) => {
  const refused = connection({ type: 'sqlite', path: 'a.db', zone })
  await expect(refused).rejects.toMatchObject({
    code: 'BAD_ZONE',
    message: expect.stringContaining('connections.shop'),
    ...(hint ? { hint } : {}),
  })
})

test('a zone is looked at before secrets are', async () => {
  const input = { type: 'sqlite', path: '${env:SYNCLINE_TEST_NOT_SET}' }
  await expect(connection({ ...input, zone: 'Mars/Base' })).rejects.toMatchObject({ code: 'BAD_ZONE' })
  const declared = await connection({ ...input, zone: 'Europe/Berlin' })
  expect(() => declared?.zone).toThrow('SYNCLINE_TEST_NOT_SET')
})
