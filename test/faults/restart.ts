import { setTimeout } from 'node:timers/promises'
import { startEmbeddedPostgres } from '../services/embedded-postgres.ts'
import { mariadbPrograms, startPrivateMariadb } from '../services/private-mariadb.ts'
import type { RestartableServer } from '../services/private-server.ts'
import { toldBy } from './drive.ts'
import { live } from './life.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import { type Pair, type Suite, settingOf } from './suite.ts'

const mariadb = mariadbPrograms()

const served: readonly Pair[] = [
  { from: 'SQLite', to: 'PostgreSQL' },
  { from: 'PostgreSQL', to: 'SQLite' },
  { from: 'PostgreSQL', to: 'PostgreSQL' },
  { from: 'SQLite', to: 'MySQL' },
  { from: 'MySQL', to: 'SQLite' },
].filter((pair): pair is Pair => mariadb !== undefined || !Object.values(pair).includes('MySQL'))

/** A server is struck down in the middle of a run and started again: `pg_ctl stop -m immediate`, and `kill -9`. */
export const restarts: Suite = {
  name: 'restarts',
  wanted: 8,
  alone: true,
  settingOf: async (number) => {
    const setting = settingOf(number, served)
    const system = systemOf(setting)
    return { ...setting, servers: { [system]: (await serverOf(system)).url } }
  },
  run: async (scene, random, { note, struck }) =>
    await live(scene, random, 3, async () => {
      await runAndRestart(scene, random, note)
      struck()
      return true
    }),
}

type Served = 'PostgreSQL' | 'MySQL'

const signals = { PostgreSQL: ['SIGQUIT', 'SIGKILL'], MySQL: ['SIGTERM', 'SIGKILL'] } as const

/** What a run may say of a server that went away under it: each code says that the same run may succeed later. */
const lost = new Set(['CONNECTION_LOST', 'HOST_UNREACHABLE', 'SERVER_CLOSING', 'SERVER_STARTING'])

async function runAndRestart(scene: Scene, random: Random, note: (what: string) => void): Promise<void> {
  const system = systemOf(scene.setting)
  const signal = random.pick(signals[system])
  const after = random.fraction() * scene.measured.milliseconds
  note(`${system} gets ${signal} after ${after.toFixed(0)} ms`)
  const server = await serverOf(system)
  const running = scene.start(['run'])
  await setTimeout(after)
  await server.restart(signal)
  const ended = await running.ended
  const [told] = toldBy(ended)
  if (ended.code === 0 || (told?.error && lost.has(told.error.code))) return
  throw new Error(
    `a run whose server was restarted ended with ${ended.code}: ${told?.error?.code} ${told?.error?.message ?? ended.stderr.slice(-2000)}`,
  )
}

function systemOf({ from, to }: Pick<Pair, 'from' | 'to'>): Served {
  return [from, to].includes('MySQL') ? 'MySQL' : 'PostgreSQL'
}

const started = new Map<Served, Promise<RestartableServer>>()

/** Started when the first case asks for it, for all of them. */
async function serverOf(system: Served): Promise<RestartableServer> {
  const starting = started.get(system) ?? (system === 'PostgreSQL' ? startEmbeddedPostgres() : startPrivateMariadb(mariadb ?? none()))
  started.set(system, starting)
  return await starting
}

function none(): never {
  throw new Error('no MariaDB is installed on this machine')
}

/** Those that were started, if any. */
export async function stopServers(): Promise<void> {
  for (const server of started.values()) await (await server)[Symbol.asyncDispose]()
}
