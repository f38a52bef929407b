import { describe, expect, test } from 'vitest'
import { Api } from './rest-api.ts'

const read = { read: { rows: '$.items' } }

/** Three items in step, two of which the source then changes and one that it no longer has. */
async function scene(to: object, etags?: 'strong' | 'weak'): Promise<Api> {
  const api = await Api.start(etags ? { etags } : {})
  api.connection = { concurrency: 1 }
  api.rows('1,one,1.10', '2,two,2.20', '3,three,3.30')
  await api.run(to)
  api.rows('1,eins,1.10', '2,zwei,2.20')
  return api
}

/** Somebody else changes an item once a request has come. */
function meddle(
  api: Api,
  when: (method: string, path: string) => boolean,
  key: string,
  item = { id: Number(key), name: 'theirs', net: '9.90' },
) {
  let done = false
  api.server.options = {
    ...api.server.options,
    trouble: ({ method, url }) => {
      if (!done && when(method, new URL(url, 'http://server').pathname)) {
        api.server.items.set(key, JSON.stringify(item))
        done = true
      }
      return undefined
    },
  }
}

const nameOf = (api: Api, id: number) => api.server.list.find((one) => one.id === id)?.name

describe('a row that others change between the comparison and its change', () => {
  test.each(['etag', 'read'] as const)(
    'is left by `before: %s`, whether it is to be updated or deleted, and the others are changed',
    async (before) => {
      await using api = await scene({ ...read, before }, 'strong')
      meddle(api, (method, path) => method === 'GET' && path !== '/api/items', '2')
      const first = await api.run({ ...read, before })
      expect(first).toMatchObject({ counts: { updated: 1, rejected: 1, deleted: 1 } })
      expect([nameOf(api, 1), nameOf(api, 2), api.ids]).toEqual(['eins', 'theirs', ['1', '2']])
      expect(await api.world.rejects(api.config({ ...read, before }))).toMatchObject([{ reason: 'moved', row: { id: '2' } }])
      // The next run has seen what they wrote.
      expect(await api.run({ ...read, before })).toMatchObject({ counts: { updated: 1, rejected: 0 } })
      expect(nameOf(api, 2)).toBe('zwei')
    },
  )

  test('is left where it is to be deleted', async () => {
    await using api = await scene({ ...read, before: 'etag' }, 'strong')
    meddle(api, (method, path) => method === 'GET' && path !== '/api/items', '3')
    expect(await api.run({ ...read, before: 'etag' })).toMatchObject({ counts: { updated: 2, deleted: 0, rejected: 1 } })
    expect(nameOf(api, 3)).toBe('theirs')
  })

  test('is left in the very moment of the request by `etag` alone, and `read` says so', async () => {
    await using api = await scene({ ...read, before: 'etag' }, 'strong')
    meddle(api, (method) => method === 'PATCH', '1')
    const first = await api.run({ ...read, before: 'etag' })
    expect(first).toMatchObject({ counts: { updated: 1, rejected: 1 } })
    expect(first.details.notes.join()).not.toContain('meanwhile')
    expect(nameOf(api, 1)).toBe('theirs')
    meddle(api, (method) => method === 'PATCH', '1')
    const second = await api.run({ ...read, before: 'read' })
    expect(second.details.notes.join()).toContain('what others changed in the same moment was overwritten')
    expect(nameOf(api, 1)).toBe('eins')
  })

  test('is overwritten where nobody asks, and the run says so', async () => {
    await using api = await scene(read)
    meddle(api, (method) => method === 'PATCH', '1')
    const result = await api.run(read)
    expect(result.details.notes).toContain(
      'the API was not asked whether others had changed rows meanwhile: `before: etag` or `before: read` under `to` has it asked',
    )
    expect(nameOf(api, 1)).toBe('eins')
  })

  test('is told from what was sent before, where the API is not read back', async () => {
    await using api = await scene({ deletes: 'tracked', before: 'etag' }, 'strong')
    api.server.items.set('2', '{"id":2,"name":"theirs","net":"9.90"}')
    api.server.items.set('3', '{"id":3,"name":"theirs, too","net":"9.90"}')
    const to = { deletes: 'tracked', before: 'etag' } as const
    expect(await api.run(to)).toMatchObject({ counts: { updated: 1, deleted: 0, rejected: 2 } })
    expect((await api.world.rejects(api.config(to))).map(({ reason, detail }) => `${reason}: ${detail}`)).toEqual([
      'moved: others have changed the row since this sync sent it',
      'moved: others have changed the row since this sync sent it',
    ])
    expect([nameOf(api, 2), nameOf(api, 3)]).toEqual(['theirs', 'theirs, too'])
    // Nothing is inserted anew: the rows are there.
    expect((await api.run(to)).counts).toMatchObject({ inserted: 0, rejected: 2 })
  })
})

test('an update whose answer was lost is found to be done, though its tag no longer fits', async () => {
  await using api = await scene({ ...read, before: 'etag' }, 'strong')
  let cut = false
  api.server.options = {
    ...api.server.options,
    trouble: ({ method }) => {
      if (method !== 'PATCH' || cut) return undefined
      cut = true
      return 'cut after'
    },
  }
  expect(await api.run({ ...read, before: 'etag' })).toMatchObject({ error: null, counts: { updated: 2, deleted: 1, rejected: 0 } })
})

test.each([undefined, 'weak'] as const)('without a tag that can be matched (%s) nothing is sent', async (etags) => {
  await using api = await scene(read, etags)
  const result = await api.run({ ...read, before: 'etag' })
  expect(result.error).toMatchObject({ code: 'NO_ETAG', hint: expect.stringContaining('before: read') })
  expect(api.sent('PATCH').length + api.sent('DELETE').length).toBe(0)
})

test('where a row is read may be another place than where it is changed, and deeper in the answer', async () => {
  await using api = await scene(read)
  const before = { by: 'read', path: '/nowhere/{id}' } as const
  api.server.resources.set(
    'nowhere',
    new Map([
      ['1', '{"id":1}'],
      ['2', '{"id":2}'],
      ['3', '{"id":3}'],
    ]),
  )
  expect((await api.run({ ...read, before: { ...before, row: '$.data' } })).error).toMatchObject({ code: 'BEFORE_UNREADABLE' })
  expect((await api.run({ ...read, before: { ...before, path: '/nowhere/{di}' } })).error).toMatchObject({ code: 'BAD_OPTION' })
  expect(await api.run({ ...read, before })).toMatchObject({ error: null, counts: { updated: 2, deleted: 1 } })
})

test('a look at each row and batches exclude each other', async () => {
  await using api = await scene(read)
  expect((await api.run({ ...read, before: 'etag', update: { batch: 10 } })).error).toMatchObject({ code: 'BAD_OPTION', fix: 'config' })
})
