import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, type RestartableServer, startServer } from './private-server.ts'

export interface MariadbPrograms {
  readonly server: string
  readonly install: string
}

/** The programs of this machine's MariaDB, or `undefined` where it has none. */
export function mariadbPrograms(): MariadbPrograms | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']
  const find = (name: string) => folders.map((folder) => join(folder, name)).find(isExecutable)
  const [server, install] = [find('mariadbd'), find('mariadb-install-db')]
  return server !== undefined && install !== undefined ? { server, install } : undefined
}

/** Tests do not outlive a crash of the machine, so nothing waits for the disk; a server that is restarted keeps what it promised. */
const settings = [
  '--bind-address=127.0.0.1',
  '--local-infile=1',
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-fast-shutdown=2',
  '--innodb-buffer-pool-size=64M',
  '--skip-log-bin',
]

/**
 * A MariaDB server of its own, its data in a temporary directory, TCP on the loopback only. Disposing stops it and removes its data.
 * @param more settings as its command line takes them.
 */
export async function startPrivateMariadb(
  { server: program, install }: MariadbPrograms,
  more: readonly string[] = [],
): Promise<RestartableServer> {
  await using starting = new AsyncDisposableStack()
  const home = await mkdtemp(join(tmpdir(), 'syncline-mariadb-'))
  starting.defer(() => rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  const user = await serverUser(home)
  const data = join(home, 'data')
  // The root of the data has no password: whoever reaches the loopback may log in, to a server that holds tests.
  await promisify(execFile)(install, [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    ...user,
  ])
  const port = await freePort()
  const place = [`--datadir=${data}`, `--socket=${join(home, 's')}`, `--pid-file=${join(home, 'pid')}`, `--port=${port}`]
  const server = starting.use(
    await startServer({
      name: 'the private MariaDB',
      url: `mysql://root@127.0.0.1:${port}`,
      program,
      arguments: ['--no-defaults', ...place, ...settings, ...more, ...user],
      cwd: home,
      answersAt: 'ready for connections',
      stopSignal: 'SIGTERM',
    }),
  )
  const running = starting.move()
  return { ...server, [Symbol.asyncDispose]: async () => await running.disposeAsync() }
}

/** Started as root it has to be told to run as root, or as an account that its package made. */
async function serverUser(home: string): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return []
  try {
    const { stdout } = await promisify(execFile)('id', ['-u', 'mysql'])
    await chown(home, Number(stdout), 0)
    return ['--user=mysql']
  } catch {
    return [`--user=${userInfo().username}`]
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
