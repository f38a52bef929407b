import { connect, createServer, type Socket } from 'node:net'

export interface RelayOptions {
  /** What becomes of bytes on their way to the server; they pass as they are where absent. */
  readonly toServer?: (bytes: Buffer) => Buffer
  /** Told of every piece from the server before it is passed on: how many bytes of this connection came by now. */
  readonly fromServer?: (connection: RelayedConnection, bytes: number) => void
}

export interface RelayedConnection {
  /** Reads no more from the server until the promise is settled. */
  hold(until: Promise<void>): void
  /** Ends the client's side. */
  cut(): void
}

/** A port that passes bytes on to a server, in ways that networks have. */
export async function startRelay(server: URL, options: RelayOptions): Promise<AsyncDisposable & { readonly url: string }> {
  const open = new Set<Socket>()
  const relay = createServer((client) => {
    const upstream = connect(Number(server.port || 3306), server.hostname)
    for (const socket of [client, upstream]) open.add(socket.on('error', () => {}))
    client.on('data', (bytes) => upstream.write(options.toServer?.(bytes) ?? bytes))
    let passed = 0
    const connection: RelayedConnection = {
      hold: (until) => {
        upstream.pause()
        void until.finally(() => upstream.resume())
      },
      cut: () => client.destroy(),
    }
    upstream.on('data', (bytes) => {
      passed += bytes.length
      options.fromServer?.(connection, passed)
      if (!client.destroyed) client.write(bytes)
    })
    upstream.on('end', () => client.end())
    upstream.on('close', () => client.end())
    client.on('close', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  const address = relay.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: Object.assign(new URL(server), { hostname: '127.0.0.1', port: String(port) }).href,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => relay.close(resolve))
    },
  }
}
