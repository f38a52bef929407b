import { describe, expect, test } from 'vitest'
import { type Answer, cutAfter, HttpServer, hangUp } from '../../services/http.ts'
import { filledTarget, mirrorOf, runUnchanged, runWholeOrNothing, sourceRows, textOf } from './whole-or-nothing.ts'

const size = 500
const pages = sourceRows / size

function page(number: number): string {
  const items = Array.from({ length: size }, (_, index) => ({ id: number * size + index + 1, v: textOf(number * size + index + 1) }))
  return JSON.stringify({ items, next: number + 1 < pages ? String(number + 1) : null })
}

/** All of a body, and never its end. */
function withoutEnd(body: string): Answer {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    await new Promise((settle) => response.write(body, settle))
    response.destroy()
  }
}

const cuts: Readonly<Record<string, (body: string) => Answer>> = {
  'before a word': () => hangUp,
  'after its head': (body) => cutAfter(body, 0),
  'after its first byte': (body) => cutAfter(body, 1),
  'in the middle': (body) => cutAfter(body, body.length / 2),
  'before its last byte': (body) => cutAfter(body, body.length - 1),
  'at its end, which is never said': withoutEnd,
  'as good HTTP that holds half of it': (body) => ({
    body: body.slice(0, body.length / 2),
    headers: { 'content-type': 'application/json' },
  }),
}

/** A mirror of all pages, of which one is answered as a test wants it to, each time. */
async function served(broken: number | undefined, answer: (body: string) => Answer) {
  const server = await HttpServer.open(({ query }) => {
    const number = Number(query.get('after') ?? 0)
    return number === broken ? answer(page(number)) : { body: page(number), headers: { 'content-type': 'application/json' } }
  })
  const from = { connection: 'api', resource: '/rows', rows: '$.items', paginate: { token: '$.next', param: 'after' } }
  return { server, config: mirrorOf(from, { api: { type: 'rest', url: server.url, retries: { times: 1, wait: '5 ms' } } }) }
}

test('an API is read whole where nothing is cut', async () => {
  using world = filledTarget()
  const { server, config } = await served(undefined, () => hangUp)
  await using _ = server
  expect((await runWholeOrNothing(world, config)).status).toBe('succeeded')
})

describe.each([
  ['the first page', 0],
  ['a page in the middle', pages / 2],
  ['the last page', pages - 1],
])('%s of an API', (_, broken) => {
  test.each(Object.keys(cuts))('cut %s changes nothing', async (cut) => {
    using world = filledTarget()
    const { server, config } = await served(broken, cuts[cut] ?? (() => hangUp))
    await using _server = server
    await runUnchanged(world, config)
  })
})
