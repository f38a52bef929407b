import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import type { RunResult } from '../../src/index.ts'
import type { FreshDatabase, OpenClient } from '../services/fresh-database.ts'
import { installedCommand } from '../services/installed-command.ts'
import { command } from './command.ts'
import type { World } from './world.ts'

const entry = await installedCommand()

/** Rows of a range, and of the source: their keys begin at 1, and ranges at multiples of their size. */
export const rangeRows = 512
const ranges = 8
const rows = rangeRows * ranges - 1

/** The row at which a run stops until it is let go: in the fifth range. */
const stop = 4.5 * rangeRows

/** Of PostgreSQL: a table of which a copy stops at one row for as long as a test holds the gate. */
export const gatedSource = [
  'CREATE TABLE a (id bigint PRIMARY KEY, v text, n numeric(12, 3))',
  `INSERT INTO a SELECT i, 'v' || i, i / 8.0 FROM generate_series(1, ${rows}) i`,
  `CREATE FUNCTION gate(id bigint) RETURNS boolean LANGUAGE plpgsql AS $$
     BEGIN
       IF id = ${stop} AND current_query() LIKE 'COPY%' THEN PERFORM pg_advisory_xact_lock_shared(77); END IF;
       RETURN true;
     END $$`,
]

const throughGate = { connection: 'from', object: 'a', where: 'gate(id)' }

/** What a long run finds on its way: it waits in the fifth range. */
export class Gate implements AsyncDisposable {
  readonly #client: OpenClient

  static async close(source: FreshDatabase): Promise<Gate> {
    const client = await source.connect()
    await client.run('SELECT pg_advisory_lock(77)')
    return new Gate(client)
  }

  private constructor(client: OpenClient) {
    this.#client = client
  }

  async open(): Promise<void> {
    await this.#client.run('SELECT pg_advisory_unlock(77)')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
  }
}

/** The command as a process that can be killed. */
export function start(world: World, ...args: readonly string[]) {
  const child = spawn(process.execPath, [entry, ...args, '--json'], { cwd: world.folder, stdio: 'ignore' })
  const ended = new Promise<number | null>((settle) => child.on('close', settle))
  return {
    ended,
    kill: async (signal: NodeJS.Signals = 'SIGKILL') => {
      child.kill(signal)
      return await ended
    },
  }
}

/** Until four ranges are loaded: a run that is held at the gate gets no further. */
export async function untilBeside(beside: () => Promise<number>): Promise<void> {
  while ((await beside()) < 4 * rangeRows - 1) await setTimeout(20)
}

/** Runs until four ranges lie beside the target, and strikes. */
export async function strike(world: World, source: FreshDatabase, beside: () => Promise<number>, signal?: NodeJS.Signals): Promise<void> {
  await using gate = await Gate.close(source)
  const run = start(world, 'run')
  await untilBeside(beside)
  await run.kill(signal)
  await gate.open()
}

/** One run of the command, to its end. */
export async function run(world: World, ...args: readonly string[]): Promise<RunResult> {
  const { stdout, stderr } = await command(world.folder, ['run', '--json', ...args])
  const { runs } = JSON.parse(stdout) as { readonly runs: readonly RunResult[] }
  const [result] = runs
  if (!result) throw new Error(`no run was told of: ${stderr}`)
  return result
}

export function writeConfig(world: World, connections: Readonly<Record<string, string>>, more: object = {}): void {
  const sync = { from: throughGate, to: 'to#b', mode: 'replace', guard: 'off', resume: rangeRows, ...more }
  world.write('syncline.yaml', JSON.stringify({ connections, syncs: { t: sync } }))
}
