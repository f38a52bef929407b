import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'

export interface RunningServer extends AsyncDisposable {
  /** Of a user who may do everything. */
  readonly url: string
}

/** A server that can be struck down and started again, over the same data and at the same port. */
export interface RestartableServer extends RunningServer {
  /** Ends it by a signal, waits until it has gone, and starts it again. */
  restart(signal: NodeJS.Signals): Promise<void>
}

/** A program that serves until a signal ends it. */
export interface ServerProgram {
  /** For people. */
  readonly name: string
  readonly url: string
  readonly program: string
  readonly arguments: readonly string[]
  readonly cwd: string
  /** Who it runs as; this process's own account where absent. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined
  /** What it says on its log once it answers. */
  readonly answersAt: string
  /** Ends connections and then itself. */
  readonly stopSignal: NodeJS.Signals
}

/** Starts a program and waits until it answers. Disposing stops it. */
export async function startServer(program: ServerProgram): Promise<RestartableServer> {
  let server = await launch(program)
  return {
    url: program.url,
    restart: async (signal) => {
      await stop(server, signal)
      server = await again(program)
    },
    [Symbol.asyncDispose]: async () => await stop(server, program.stopSignal),
  }
}

/** A port that was free a moment ago: database servers neither choose one themselves nor say which one they took. */
export async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const probe = createServer().once('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address()
    probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no free port'))))
  })
  return await promise
}

async function launch({ name, program, arguments: asked, cwd, account, answersAt }: ServerProgram): Promise<ChildProcess> {
  const server = spawn(program, asked, { ...account, cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let log = ''
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = `${log}${text}`.slice(-10_000)
    if (log.includes(answersAt)) resolve()
  })
  server.once('error', reject)
  server.once('exit', (code) => reject(new Error(`${name} ended with ${code}; it said:\n${log}`)))
  await promise
  return server
}

async function stop(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return
  const { promise, resolve } = Promise.withResolvers<void>()
  server.once('exit', () => resolve())
  server.kill(signal)
  await promise
}

/** Processes of a server that was killed hold its memory for a moment longer, and no new one starts until they are gone. */
async function again(program: ServerProgram): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(program)
    } catch (error) {
      if (attempt === 50) throw error
      await setTimeout(200)
    }
  }
}
