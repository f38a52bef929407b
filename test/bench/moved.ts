import { execFile } from 'node:child_process'
import { connect, createServer, type Socket } from 'node:net'
import { promisify } from 'node:util'
import type { Bench } from './cases.ts'
import { scatter } from './data.ts'
import { changeFew } from './peers.ts'

/** What two mirrors move, by their own count and by what passed through a proxy, against the bytes of both tables as text. */
export async function movedBytes(bench: Bench): Promise<readonly string[]> {
  const few = await moved(bench, 'large', async () => await changeFew(bench.client))
  const scattered = await moved(bench, 'pg-pg-mirror', async () => await scatter(bench.client, 'mirrored', 'orders'))
  const line = (name: string, { said, sent, received, of }: Moved, atMost: string) =>
    `| ${name} | ${megabytes(of)} | ${megabytes(said)} | ${megabytes(received)} | ${megabytes(sent)} | ${((100 * received) / of).toFixed(1)}% | ${atMost} |`
  return [
    '| what is moved, MB | both tables | Syncline says | received | sent | received of both tables | at most |',
    '|---|---|---|---|---|---|---|',
    line('mirror, 1,000 changed of twice the rows', few, '5%'),
    line('mirror, 1% scattered', scattered, 'about 25%'),
  ]
}

interface Moved {
  readonly said: number
  readonly sent: number
  readonly received: number
  readonly of: number
}

async function moved(bench: Bench, sync: string, prepare: () => Promise<void>): Promise<Moved> {
  await prepare()
  await using proxy = await countingProxy(new URL(bench.url))
  const [program = '', ...before] = bench.syncline.split(' ')
  const options = ['--json', '--set', `connections.shop=${proxy.url}`]
  const { stdout } = await promisify(execFile)(program, [...before, 'run', sync, ...options], { cwd: bench.folder, maxBuffer: 1 << 26 })
  const { runs } = JSON.parse(stdout) as { readonly runs: readonly { readonly bytesRead: number }[] }
  const table = sync === 'large' ? 'large' : 'orders'
  const { rows } = await bench.client.query<{ bytes: number }>(`SELECT 2 * sum(octet_length(t::text))::float8 AS bytes FROM ${table} AS t`)
  return { said: runs[0]?.bytesRead ?? 0, ...proxy.counts(), of: rows[0]?.bytes ?? 0 }
}

/** Passes bytes on to a server and counts them. */
async function countingProxy(server: URL) {
  const counts = { sent: 0, received: 0 }
  const open = new Set<Socket>()
  const proxy = createServer((client) => {
    const upstream = connect(Number(server.port || 5432), server.hostname)
    client.on('data', (bytes) => (counts.sent += bytes.length))
    upstream.on('data', (bytes) => (counts.received += bytes.length))
    client.pipe(upstream).pipe(client)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => {})
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = proxy.address()
  const url = new URL(server)
  url.hostname = '127.0.0.1'
  url.port = String(typeof address === 'object' ? address?.port : '')
  return {
    url: url.href,
    counts: () => ({ ...counts }),
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
