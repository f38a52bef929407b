import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { freshDatabase } from '../../../test/services/postgres.ts'
import { silentLogger } from '../../core/logger.ts'
import { errorOf, textOf } from '../sql/testing.ts'
import { Connections } from './connections.ts'
import { parseOptions } from './options.ts'
import type { Session } from './session.ts'
import { Bench } from './testing.ts'

const copy = (select: string, format = 'csv') => `COPY (${select}) TO STDOUT (FORMAT ${format})`
const wide = "SELECT i, repeat('x', 1000) FROM generate_series(1, 40000) i"

test('what the server says between rows disturbs none of them', async () => {
  await using db = await freshDatabase()
  await db.run(`CREATE FUNCTION say(i int) RETURNS int LANGUAGE plpgsql AS $$
    BEGIN IF i % 7 = 0 THEN RAISE NOTICE 'at %', repeat('n', i); END IF; RETURN i; END $$`)
  await using there = await open(db.url)
  const sent: number[] = []
  const text = await textOf(there.session.copyOut(copy('SELECT say(i) FROM generate_series(1, 5000) i'), (rows) => sent.push(rows)))
  expect(text).toBe(Array.from({ length: 5000 }, (_, i) => `${i + 1}\n`).join(''))
  expect(sent).toEqual([5000])
})

test('an error after many rows is thrown, and the session goes on', async () => {
  await using db = await freshDatabase()
  await using there = await open(db.url)
  let bytes = 0
  const read = async () => {
    const rows = there.session.copyOut(copy("SELECT i, 1 / (30000 - i), repeat('x', 100) FROM generate_series(1, 40000) i"), failWhenTold)
    for await (const chunk of rows) bytes += chunk.length
  }
  expect(await errorOf(read())).toMatchObject({ code: 'VALUE_REFUSED' })
  expect(bytes).toBeGreaterThan(1_000_000)
  expect(await errorOf(textOf(there.session.copyOut('COPY not_there TO STDOUT', failWhenTold)))).toMatchObject({ code: 'TABLE_NOT_FOUND' })
  expect(await textOf(there.session.copyOut(copy('SELECT 1'), () => {}))).toBe('1\n')
})

test('nothing at all, as text and as binary', async () => {
  await using db = await freshDatabase()
  await using there = await open(db.url)
  const sent: number[] = []
  expect(await textOf(there.session.copyOut(copy('SELECT 1 WHERE false'), (rows) => sent.push(rows)))).toBe('')
  const binary = await textOf(there.session.copyOut(copy('SELECT 1 WHERE false', 'binary'), (rows) => sent.push(rows)))
  expect(binary).toMatch(/^PGCOPY\n/)
  expect(sent).toEqual([0, 0])
})

test('a reader that stops leaves a session that goes on, again and again', async () => {
  await using db = await freshDatabase()
  await using there = await open(db.url)
  for (let round = 0; round < 5; round++) {
    for await (const _ of there.session.copyOut(copy(wide), failWhenTold)) break
    expect(await there.session.rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
  }
})

test('bytes that come a few at a time make the same rows', async () => {
  await using db = await freshDatabase()
  await using proxy = await Interposer.before(db.url, { parts: 3 })
  await using there = await open(proxy.url)
  const text = await textOf(there.session.copyOut(copy("SELECT i, repeat('é', i) FROM generate_series(1, 30) i"), () => {}))
  expect(text).toBe(Array.from({ length: 30 }, (_, i) => `${i + 1},${'é'.repeat(i + 1)}\n`).join(''))
})

test('a connection that is cut between rows is an error, never a short read', async () => {
  await using db = await freshDatabase()
  for (const cut of [1_000_000, 39_999_999]) {
    await using proxy = await Interposer.before(db.url, { cutAfter: cut })
    await using there = await open(proxy.url)
    expect(await errorOf(textOf(there.session.copyOut(copy(wide), failWhenTold)))).toMatchObject({ code: 'CONNECTION_LOST' })
  }
})

test('the server waits for a reader that does', async () => {
  await using db = await freshDatabase()
  await using proxy = await Interposer.before(db.url, {})
  await using there = await open(proxy.url)
  let bytes = 0
  for await (const chunk of there.session.copyOut(copy(wide), () => {})) {
    if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 300))
    if (bytes === 0) expect(proxy.passed).toBeLessThan(20_000_000)
    bytes += chunk.length
  }
  expect(bytes).toBeGreaterThan(40_000_000)
})

test('a read tells how many rows the server sent, over all its streams', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(`CREATE TABLE big AS ${wide.replace('i,', 'i AS id,').replace(') FROM', ') AS v FROM')}`)
  await using view = await bench.reader.snapshot()
  const rows = await view.read({ source: { table: { name: 'big' } } })
  const streams = rows.csv?.(2) ?? []
  expect(streams.length).toBe(2)
  await Promise.all(streams.map(textOf))
  expect(rows.given?.()).toBe(40_000)
  await textOf(rows.pgcopy?.())
  expect(rows.given?.()).toBe(40_000)
})

function failWhenTold(): never {
  throw new Error('an incomplete read was called complete')
}

async function open(url: string): Promise<AsyncDisposable & { readonly session: Session }> {
  const connections = await Connections.create(parseOptions({ url, sslmode: 'disable' }), {
    connection: 'shop',
    baseDirectory: '.',
    temporaryDirectory: '.',
    signal: new AbortController().signal,
    logger: silentLogger,
  })
  const session = await connections.open()
  return { session, [Symbol.asyncDispose]: async () => await connections[Symbol.asyncDispose]() }
}

interface Mischief {
  /** Passes the server's bytes on so many at a time. */
  readonly parts?: number
  /** Cuts the connection after so many bytes from the server. */
  readonly cutAfter?: number
}

/** Stands between a client and the server. */
class Interposer implements AsyncDisposable {
  readonly url: string
  /** Bytes from the server. */
  passed = 0
  readonly #server: ReturnType<typeof createServer>
  readonly #sockets = new Set<Socket>()

  static async before(url: string, mischief: Mischief): Promise<Interposer> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Interposer(new URL(url), server, mischief)
  }

  private constructor(url: URL, server: ReturnType<typeof createServer>, mischief: Mischief) {
    this.#server = server
    server.on('connection', (client) => {
      const upstream = connect(Number(url.port || 5432), url.hostname)
      for (const socket of [client, upstream]) this.#sockets.add(socket.setNoDelay(true).on('error', () => {}))
      client.pipe(upstream)
      client.on('close', () => upstream.destroy())
      this.#pass(upstream, client, mischief).then(
        () => client.destroy(),
        () => client.destroy(),
      )
    })
    const address = server.address()
    const here = new URL(url)
    here.host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    this.url = here.href
  }

  async #pass(from: Socket, to: Socket, { parts, cutAfter }: Mischief): Promise<void> {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += parts ?? chunk.length) {
        const part = chunk.subarray(at, at + (parts ?? chunk.length))
        this.passed += part.length
        if (this.passed > (cutAfter ?? Infinity)) return
        if (!to.write(part)) await once(to, 'drain')
        if (parts !== undefined) await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
