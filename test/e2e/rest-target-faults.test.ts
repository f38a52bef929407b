import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { installedCommand } from '../services/installed-command.ts'
import type { Received, Trouble } from '../services/resource-server.ts'
import { Api, put, withoutKey } from './rest-api.ts'

const keyed = { idempotency: { header: 'Idempotency-Key' } } as const

/** The trouble for a request whose body holds a text, as often as it is said. */
function onItem(text: string, trouble: Trouble, times = 1) {
  let left = times
  return ({ body }: Received) => (body.includes(text) && left-- > 0 ? trouble : undefined)
}

describe('an insert that is cut off', () => {
  test.each(['cut before', 'cut after', 'fail after'] as const)('with an idempotency key is done once: %s', async (trouble) => {
    await using api = await Api.start({ trouble: onItem('"two"', trouble) })
    api.rows('1,one,1', '2,two,2', '3,three,3')
    const result = await api.run(keyed)
    expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 3, rejected: 0 } })
    expect(result.details.notes.join()).not.toContain('at least once')
    expect(api.ids).toEqual(['1', '2', '3'])
    const keys = api
      .sent('POST')
      .filter(({ body }) => body.includes('"two"'))
      .map(({ headers }) => headers['idempotency-key'])
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(1)
  })

  test.each(['cut before', 'cut after', 'fail after'] as const)('without one is never sent again by itself: %s', async (trouble) => {
    await using api = await Api.start({ trouble: onItem('"two"', trouble) })
    api.rows('1,one,1', '2,two,2', '3,three,3')
    const result = await api.run({})
    expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 2, rejected: 1 } })
    expect(result.details.notes.join()).toContain('at least once')
    expect(await api.world.rejects(api.config({}))).toMatchObject([
      { reason: 'unanswered', detail: expect.stringContaining('may have been done'), row: { id: '2', name: 'two' } },
    ])
    const next = await api.run({})
    expect(next.counts).toMatchObject({ inserted: 0, unchanged: 2, rejected: 1 })
    expect(api.sent('POST')).toHaveLength(3)
    if (trouble === 'cut before') {
      expect((await api.run({ unanswered: 'send' })).counts).toMatchObject({ inserted: 1, rejected: 0 })
      expect((await api.run({})).counts).toMatchObject({ unchanged: 3, rejected: 0 })
    }
  })

  test('by an API that stays down ends the run, which says what is done; the next run goes on', async () => {
    let down = false
    await using api = await Api.start({
      trouble: ({ body }) => {
        down ||= body.includes('"three"')
        return down ? 'cut before' : undefined
      },
    })
    api.connection = { concurrency: 1 }
    api.rows('1,one,1', '2,two,2', '3,three,3', '4,four,4')
    const failed = await api.run(keyed)
    expect(failed).toMatchObject({ status: 'failed', counts: { inserted: 2 }, error: { fix: 'retry' } })
    expect(failed.details.notes.join()).toContain('2 inserts, 0 updates, 0 deletes had been made by then and stay')
    expect(failed.error?.message).not.toMatch(/rolled back|as it was/)
    api.server.options = { key: 'id' }
    const next = await api.run(keyed)
    expect(next).toMatchObject({ status: 'succeeded', counts: { inserted: 2, unchanged: 2 } })
    expect(api.ids).toEqual(['1', '2', '3', '4'])
  })

  test('and whose row changes before the next run is settled as it was sent, then brought up to date', async () => {
    await using api = await Api.start({ trouble: onItem('"two"', 'cut after', 3) })
    api.rows('1,one,1', '2,two,2')
    expect(await api.run(keyed)).toMatchObject({ status: 'failed' })
    expect(api.ids).toContain('2')
    api.rows('1,one,1', '2,zwei,2')
    const next = await api.run(keyed)
    expect(next).toMatchObject({ status: 'succeeded', counts: { inserted: 0, rejected: 1 } })
    expect((await api.world.rejects(api.config(keyed)))[0]).toMatchObject({ reason: 'moved', row: { name: 'zwei' } })
    expect((await api.run(keyed)).counts).toMatchObject({ updated: 1, rejected: 0 })
    expect(api.server.list.map(({ name }) => name)).toEqual(['one', 'zwei'])
  })
})

test('an insert that is answered with 409 stays in doubt until a person lets it be sent anew', async () => {
  await using api = await Api.start()
  api.server.items.set('2', '{"id":2,"name":"theirs"}')
  api.rows('1,one,1', '2,two,2')
  expect((await api.run(keyed)).counts).toMatchObject({ inserted: 1, rejected: 1 })
  api.server.items.delete('2')
  expect((await api.run(keyed)).counts).toMatchObject({ inserted: 0, rejected: 1 })
  expect((await api.world.rejects(api.config(keyed)))[0]).toMatchObject({ reason: 'unanswered', detail: expect.stringContaining('409') })
  api.server.forgetAnswers()
  expect((await api.run({ ...keyed, unanswered: 'send' })).counts).toMatchObject({ rejected: 0 })
  expect(api.ids).toEqual(['1', '2'])
})

test('a row that is deleted and comes again is a new insert, whatever the API remembers of the first', async () => {
  await using api = await Api.start()
  const to = { ...keyed, deletes: 'tracked' } as const
  for (const rows of [['1,one,1', '2,two,2'], ['1,one,1'], ['1,one,1', '2,two,2']]) {
    api.rows(...rows)
    expect((await api.run(to)).status).toBe('succeeded')
    expect(api.ids).toHaveLength(rows.length)
  }
})

describe('an API that cannot go on', () => {
  test('ends the run at once where the login fails, and says what is done', async () => {
    await using api = await Api.start({ trouble: (_request, number) => (number >= 2 ? { status: 401 } : undefined) })
    api.connection = { concurrency: 1 }
    api.rows('1,one,1', '2,two,2', '3,three,3', '4,four,4')
    const result = await api.run({})
    expect(result).toMatchObject({ status: 'failed', error: { code: 'LOGIN_FAILED' }, counts: { inserted: 2, rejected: 0 } })
    expect(api.server.received).toHaveLength(3)
    api.server.options = { key: 'id' }
    expect((await api.run({})).counts).toMatchObject({ inserted: 2, unchanged: 2, rejected: 0 })
    expect(api.ids).toEqual(['1', '2', '3', '4'])
  })

  test('a token that runs out midway is renewed, and nothing is sent twice', async () => {
    let [tokens, used] = [0, 0]
    await using api = await Api.start({
      trouble: ({ url, headers }) => {
        if (url === '/api/token') return { status: 200, body: JSON.stringify({ access_token: `token${++tokens}`, expires_in: 3600 }) }
        if (headers.authorization !== `Bearer token${tokens}`) return { status: 401 }
        // Each token is good for five requests.
        if (used++ % 6 === 5) return { status: 401 }
        return undefined
      },
    })
    const oauth2 = { token_url: `${api.server.url}/token`, client_id: 'me', client_secret: 'secret' }
    api.connection = { concurrency: 1, auth: { oauth2 } }
    api.rows(...Array.from({ length: 20 }, (_, index) => `${index},n${index},1`))
    expect(await api.run({})).toMatchObject({ status: 'succeeded', counts: { inserted: 20, rejected: 0 } })
    expect(api.server.items.size).toBe(20)
    expect(tokens).toBeGreaterThan(2)
  })

  test('one that answers too late leaves its inserts in doubt, and says how long it was waited for', async () => {
    await using api = await Api.start({
      trouble: async ({ body }) => {
        if (body.includes('"two"')) await new Promise((resolve) => setTimeout(resolve, 1_500))
        return undefined
      },
    })
    api.connection = { timeouts: { response: '300 ms' } }
    api.rows('1,one,1', '2,two,2', '3,three,3')
    expect((await api.run({})).counts).toMatchObject({ inserted: 2, rejected: 1 })
    expect((await api.world.rejects(api.config({})))[0]).toMatchObject({ reason: 'unanswered', row: { id: '2' } })
    expect(api.sent('POST')).toHaveLength(3)
  })

  test('a storm of 429 is waited out', async () => {
    await using api = await Api.start({
      trouble: (_request, number) => (number % 3 === 0 ? { status: 429, headers: { 'retry-after': '0' } } : undefined),
    })
    api.connection = { retries: { times: 10, wait: '5 ms' } }
    api.rows(...Array.from({ length: 40 }, (_, index) => `${index},n${index},1`))
    expect(await api.run({})).toMatchObject({ status: 'succeeded', counts: { inserted: 40, rejected: 0 } })
    expect(api.server.items.size).toBe(40)
  })

  test('one that never ends stops the run, and nothing is in doubt', async () => {
    await using api = await Api.start({ trouble: (_request, number) => (number >= 5 ? { status: 429 } : undefined) })
    api.rows(...Array.from({ length: 20 }, (_, index) => `${index},n${index},1`))
    const result = await api.run({})
    expect(result).toMatchObject({ status: 'failed', error: { code: 'RATE_LIMITED', fix: 'retry' }, counts: { inserted: 5, rejected: 0 } })
    api.server.options = { key: 'id' }
    expect((await api.run({})).counts).toMatchObject({ inserted: 15, unchanged: 5, rejected: 0 })
    expect(api.server.items.size).toBe(20)
  })

  test('inserts that fail one after the other end the run', async () => {
    await using api = await Api.start({ trouble: () => ({ status: 500, body: 'oops' }) })
    api.connection = { concurrency: 1 }
    api.rows(...Array.from({ length: 20 }, (_, index) => `${index},n${index},1`))
    const result = await api.run({})
    expect(result).toMatchObject({ status: 'failed', error: { code: 'API_FAILING' }, counts: { inserted: 0, rejected: 3 } })
    expect(api.server.received).toHaveLength(3)
  })

  test('updates and deletes are tried again', async () => {
    await using api = await Api.start()
    api.rows('1,one,1', '2,two,2')
    await api.run({ deletes: 'tracked' })
    let left = 2
    api.server.options = { key: 'id', trouble: () => (left-- > 0 ? 'fail after' : undefined) }
    api.rows('1,eins,1')
    expect((await api.run({ deletes: 'tracked' })).counts).toMatchObject({ updated: 1, deleted: 1 })
    expect(api.server.list).toMatchObject([{ id: 1, name: 'eins' }])
  })
})

describe('rows that the API no longer has as they were sent', () => {
  test('gone before they are deleted count as deleted', async () => {
    await using api = await Api.start()
    api.rows('1,one,1', '2,two,2')
    await api.run({ deletes: 'tracked' })
    api.server.items.delete('2')
    api.rows('1,one,1')
    const result = await api.run({ deletes: 'tracked' })
    expect(result).toMatchObject({ status: 'succeeded', counts: { deleted: 1 } })
    expect(result.details.notes.join()).toContain('1 row to delete had gone before')
  })

  test('gone before they are updated are rejects, and inserted anew by the next run', async () => {
    await using api = await Api.start()
    api.rows('1,one,1', '2,two,2')
    await api.run({})
    api.server.items.delete('2')
    api.rows('1,eins,1', '2,zwei,2')
    expect((await api.run({})).counts).toMatchObject({ updated: 1, rejected: 1 })
    expect((await api.world.rejects(api.config({})))[0]).toMatchObject({ reason: 'moved', row: { name: 'zwei' } })
    expect((await api.run({})).counts).toMatchObject({ inserted: 1, unchanged: 1 })
    expect(api.ids).toEqual(['1', '2'])
  })

  test('an update path that knows no row at all makes nothing forgotten: nothing is inserted twice', async () => {
    await using api = await Api.start()
    api.rows('1,one,1', '2,two,2')
    await api.run({})
    api.rows('1,eins,1', '2,zwei,2')
    const wrong = { update: { path: '/items/wrong-{id}' } }
    for (let turn = 0; turn < 2; turn++) expect((await api.run(wrong)).counts).toMatchObject({ inserted: 0, updated: 0, rejected: 2 })
    expect(api.sent('POST')).toHaveLength(2)
  })

  test('a row that others made is not overwritten by an insert', async () => {
    await using api = await Api.start()
    api.server.items.set('2', '{"id":2,"name":"theirs"}')
    api.rows('1,one,1', '2,two,2')
    expect((await api.run({})).counts).toMatchObject({ inserted: 1, rejected: 1 })
    expect((await api.world.rejects(api.config({})))[0]).toMatchObject({
      answer: expect.stringContaining('such an item is there'),
      row: { id: '2' },
    })
    expect(api.server.items.get('2')).toContain('theirs')
  })
})

describe('batches', () => {
  const batch = (rows: number) => ({
    insert: {
      path: '/items/batch',
      batch: { rows, body: { items: '$rows' }, results: { at: '$.results', key: '$.key', status: '$.status', error: '$.error' } },
    },
  })

  test('have a result for each row, in any order', async () => {
    await using api = await Api.start({ refuses: ({ name }) => (name === 'bad' ? 'not this one' : undefined) })
    api.rows(...Array.from({ length: 25 }, (_, index) => `${index},${index % 10 === 3 ? 'bad' : `n${index}`},1`))
    const result = await api.run(batch(10))
    expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 22, rejected: 3 } })
    expect(api.sent('POST')).toHaveLength(3)
    const rejects = await api.world.rejects(api.config(batch(10)))
    expect(rejects.map(({ row }) => row.id).sort()).toEqual(['13', '23', '3'])
    expect(rejects[0]?.answer).toContain('not this one')
    expect((await api.run(batch(10))).counts).toMatchObject({ inserted: 0, unchanged: 22, rejected: 3 })
  })

  test('that break off leave all their rows in doubt, or are repeated under their key', async () => {
    const trouble = onItem('"n3"', 'cut after')
    await using doubtful = await Api.start({ trouble })
    const rows = Array.from({ length: 9 }, (_, index) => `${index},n${index},1`)
    doubtful.rows(...rows)
    expect((await doubtful.run(batch(3))).counts).toMatchObject({ inserted: 6, rejected: 3 })
    await using sure = await Api.start({ trouble: onItem('"n3"', 'cut after') })
    sure.rows(...rows)
    expect((await sure.run({ ...batch(3), ...keyed })).counts).toMatchObject({ inserted: 9, rejected: 0 })
    expect(sure.server.items.size).toBe(9)
  })

  test('that are refused as a whole are sent in halves until the row is found', async () => {
    await using api = await Api.start({
      trouble: ({ body }) => (body.includes('"n5"') ? { status: 422, body: '{"error":"one of them is wrong"}' } : undefined),
    })
    api.rows(...Array.from({ length: 8 }, (_, index) => `${index},n${index},1`))
    expect((await api.run(batch(8))).counts).toMatchObject({ inserted: 7, rejected: 1 })
    expect((await api.world.rejects(api.config({})))[0]?.row.id).toBe('5')
    expect(api.server.items.size).toBe(7)
  })

  test('of which the answer says too little leave rows in doubt', async () => {
    await using api = await Api.start({ trouble: () => ({ status: 200, body: '{"results":[{"key":0,"status":201}]}' }) })
    api.rows('0,a,1', '1,b,1')
    expect((await api.run(batch(5))).counts).toMatchObject({ inserted: 1, rejected: 1 })
  })
})

test('requests are sent side by side, no more than allowed', async () => {
  await using api = await Api.start({ delay: 20 })
  api.connection = { concurrency: 5 }
  api.rows(...Array.from({ length: 40 }, (_, index) => `${index},n${index},1`))
  expect((await api.run(put)).counts).toMatchObject({ inserted: 40 })
  expect(api.server.busiest).toBeGreaterThan(1)
  expect(api.server.busiest).toBeLessThanOrEqual(5)
})

test('an error in an answer of success is a refusal', async () => {
  await using api = await Api.start({ trouble: onItem('"two"', { status: 200, body: '{"errors":["no"]}' }) })
  api.rows('1,one,1', '2,two,2')
  expect((await api.run({ insert: { error: '$.errors' } })).counts).toMatchObject({ inserted: 1, rejected: 1 })
})

test('a run that is cancelled lets come to its end what is under way, and says what stays', async () => {
  const stop = new AbortController()
  await using api = await Api.start({
    delay: 50,
    trouble: (_request, number) => {
      if (number === 6) stop.abort()
      return undefined
    },
  })
  api.connection = { concurrency: 2 }
  api.rows(...Array.from({ length: 50 }, (_, index) => `${index},n${index},1`))
  await using syncline = await openSyncline({ config: api.config({}), cwd: api.world.folder })
  const [result] = await syncline.run({ signal: stop.signal }).results
  const inserted = api.server.items.size
  expect(inserted).toBeGreaterThan(5)
  expect(inserted).toBeLessThan(50)
  expect(result).toMatchObject({ status: 'cancelled', counts: { inserted, rejected: 0 } })
  expect(result?.error?.message).not.toContain('rolled back')
  api.server.options = { key: 'id' }
  expect(await api.run({})).toMatchObject({ status: 'succeeded', counts: { inserted: 50 - inserted, rejected: 0 } })
  expect(api.sent('POST')).toHaveLength(50)
})

const entry = await installedCommand()

describe('a process that is killed', () => {
  async function kill(api: Api, config: object, after: number): Promise<number | null> {
    api.world.write('syncline.yaml', JSON.stringify(config))
    const child = spawn(process.execPath, [entry, 'run', '--json'], { cwd: api.world.folder, stdio: 'ignore' })
    const done = new Promise<number | null>((resolve) => child.on('close', resolve))
    while (api.server.items.size < after && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5))
    child.kill('SIGKILL')
    return await done
  }

  const rows = Array.from({ length: 60 }, (_, index) => `${index},n${index},1`)

  test('between sending and noting does nothing twice with idempotency keys', { timeout: 60_000 }, async () => {
    await using api = await Api.start({ delay: 10 })
    api.rows(...rows)
    for (const after of [1, 20, 40]) await kill(api, api.config(keyed), after)
    expect(await api.run(keyed)).toMatchObject({ status: 'succeeded', counts: { rejected: 0 } })
    expect(api.server.items.size).toBe(60)
    expect((await api.run(keyed)).counts).toMatchObject({ unchanged: 60, inserted: 0 })
  })

  test('appends without a key do nothing twice either, and a later run adds all rows again', { timeout: 60_000 }, async () => {
    await using api = await Api.start({ delay: 10, assigns: 'uid' })
    api.world.write('items.csv', `name\n${rows.map((_, index) => `n${index % 30}\n`).join('')}`)
    const config = api.config(keyed, { mode: 'append' })
    const keyless = withoutKey(config)
    for (const after of [1, 20, 40]) await kill(api, keyless, after)
    expect(await api.world.runOne(keyless)).toMatchObject({ status: 'succeeded', counts: { inserted: 60 } })
    expect(api.server.items.size).toBe(60)
    expect(await api.world.runOne(keyless)).toMatchObject({ status: 'succeeded', counts: { inserted: 60 } })
    expect(api.server.items.size).toBe(120)
  })

  test('without them leaves doubts, and no row is there twice', { timeout: 60_000 }, async () => {
    await using api = await Api.start({ delay: 10 })
    api.rows(...rows)
    await kill(api, api.config({}), 20)
    const result = await api.run({})
    await using syncline = await openSyncline({ config: api.config({}), cwd: api.world.folder })
    expect((await syncline.runs()).find(({ error }) => error?.code === 'INTERRUPTED')?.error?.message).toContain('stays')
    expect(result.counts.inserted + result.counts.unchanged + result.counts.rejected).toBe(60)
    expect(result.counts.rejected).toBeLessThanOrEqual(4)
    expect(api.sent('POST')).toHaveLength(new Set(api.sent('POST').map(({ body }) => body)).size)
  })
})
