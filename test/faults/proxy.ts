import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** `up` from the client to the server. */
export type Direction = 'up' | 'down'

/**
 * `cut`: the connection is reset. `blackout`: all are, and no new one is taken. `truncate`: what follows is lost, and the receiver is
 * told that this was the end. `stall`: nothing more for a while, then all of it. `hang`: the same, and then the connection is reset.
 * `delay`: all that follows comes piece by piece, a little late.
 */
export type NetworkFault = 'cut' | 'blackout' | 'truncate' | 'stall' | 'hang' | 'delay'

export const networkFaults: readonly NetworkFault[] = ['cut', 'blackout', 'truncate', 'stall', 'hang', 'delay']

/** One fault, and where it strikes: after so many bytes of all connections together in one direction. */
export interface Break {
  readonly fault: NetworkFault
  readonly direction: Direction
  readonly after: number
}

/** What becomes of the bytes that follow: they are carried, taken and thrown away, or nobody takes them any more. */
type Next = 'more' | 'lost' | 'over'

const stallMilliseconds = 300
const delayMilliseconds = 2
/** So many pieces are late; a load of megabytes would take minutes else. */
const mostDelays = 100

/** A TCP proxy between Syncline and one server. Harmless until it is armed; strikes once. */
export class FaultyProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #to: { readonly host: string; readonly port: number }
  readonly #sockets = new Set<Socket>()
  #break: Break | undefined
  #dark = false
  #delays = 0
  #struck = false
  #carried: Record<Direction, number> = { up: 0, down: 0 }

  static async open(server: string, port: number): Promise<FaultyProxy> {
    const { hostname, port: own } = new URL(server)
    const listening = createServer({ allowHalfOpen: true })
    const proxy = new FaultyProxy(listening, { host: hostname, port: Number(own || port) })
    listening.listen(0, '127.0.0.1')
    await once(listening, 'listening')
    return proxy
  }

  private constructor(server: Server, to: { readonly host: string; readonly port: number }) {
    this.#server = server
    this.#to = to
    server.on('connection', (client) => this.#join(client))
  }

  /** The server's URL, by way of this proxy. */
  urlOf(server: string): string {
    const url = new URL(server)
    url.hostname = '127.0.0.1'
    url.port = String((this.#server.address() as AddressInfo).port)
    return url.href
  }

  /** Forgets what was, counts from here, and strikes where that is said. */
  arm(wanted?: Break): void {
    this.#break = wanted
    this.#dark = false
    this.#delays = 0
    this.#struck = false
    this.#carried = { up: 0, down: 0 }
  }

  /** Whether the fault it was armed with has happened. */
  get struck(): boolean {
    return this.#struck
  }

  /** Bytes since it was armed. */
  get carried(): Readonly<Record<Direction, number>> {
    return this.#carried
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cutAll()
    this.#server.close()
  }

  #join(client: Socket): void {
    if (this.#dark) return void client.resetAndDestroy()
    const server = connect({ ...this.#to, allowHalfOpen: true })
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      // Each end learns of the other's by its own end of data, or by this.
      socket.on('error', () => {})
      socket.once('close', () => this.#sockets.delete(socket))
    }
    client.once('close', () => server.destroy())
    server.once('close', () => client.destroy())
    void this.#carry(client, server, 'up')
    void this.#carry(server, client, 'down')
  }

  async #carry(from: Socket, to: Socket, direction: Direction): Promise<void> {
    let next: Next = 'more'
    try {
      for await (const chunk of from) {
        if (next !== 'lost') next = await this.#pass(chunk as Buffer, from, to, direction)
        if (next === 'over') return
      }
      to.end()
    } catch {
      to.destroy()
    }
  }

  async #pass(chunk: Buffer, from: Socket, to: Socket, direction: Direction): Promise<Next> {
    const before = this.#carried[direction]
    this.#carried[direction] = before + chunk.length
    if (this.#delays > 0 && this.#delays++ < mostDelays) await setTimeout(delayMilliseconds)
    const strikes = this.#break?.direction === direction && !this.#struck && this.#break.after < before + chunk.length
    if (!strikes || !this.#break) return await send(to, chunk)
    this.#struck = true
    const rest = Math.max(0, this.#break.after - before)
    await send(to, chunk.subarray(0, rest))
    return await this.#strike(this.#break.fault, chunk.subarray(rest), from, to)
  }

  async #strike(fault: NetworkFault, rest: Buffer, from: Socket, to: Socket): Promise<Next> {
    if (fault === 'truncate') {
      to.end()
      return 'lost'
    }
    if (fault === 'stall' || fault === 'hang') await setTimeout(stallMilliseconds)
    if (fault === 'stall') return await send(to, rest)
    if (fault === 'delay') {
      this.#delays = 1
      return await send(to, rest)
    }
    this.#dark = fault === 'blackout'
    if (this.#dark) this.#cutAll()
    for (const socket of [from, to]) socket.resetAndDestroy()
    return 'over'
  }

  #cutAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }
}

async function send(to: Socket, bytes: Buffer): Promise<Next> {
  if (to.destroyed) return 'over'
  if (bytes.length > 0 && !to.write(bytes)) await Promise.race([once(to, 'drain'), once(to, 'close')])
  return to.destroyed ? 'over' : 'more'
}
