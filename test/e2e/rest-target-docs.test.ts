import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { Api } from './rest-api.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'connect-rest-target.md'), 'utf8')
const examples = page.split(/^## /m).flatMap((section) => {
  const title = section.slice(0, section.indexOf('\n'))
  return [...section.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, config = '']) => ({ title, config }))
})

test('the page has its examples', () => {
  expect(examples).toHaveLength(6)
})

test.each(examples)('$title: the config does what the page says, twice', async ({ config }) => {
  await using api = await Api.start()
  api.rows('1,one,1.10', '2,two,')
  api.world.write('syncline.yaml', config.replace('${env:CRM_URL}', api.server.url))
  await using syncline = await openSyncline({ cwd: api.world.folder })
  expect(await syncline.run().results).toMatchObject([{ status: 'succeeded', counts: { inserted: 2, rejected: 0 } }])
  expect(api.server.items.size).toBe(2)
  expect(await syncline.run().results).toMatchObject([{ counts: { inserted: 0, updated: 0, deleted: 0, unchanged: 2 } }])
  const [put] = api.sent('PUT')
  if (put) {
    expect(put.headers['x-origin']).toBe('shop-1')
    expect(JSON.parse(put.body)).toEqual({ item: { name: 'one', price: '1.10' }, id: '1' })
  }
  for (const { headers } of api.sent('POST')) expect(headers['idempotency-key'] !== undefined).toBe(config.includes('Idempotency-Key'))
})
