import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { command } from './installed.ts'

/** The longest that one run may take: whoever takes longer waits for something that nobody brings. */
const patience = 120_000

/** A process of Syncline that is under way. */
export interface Running {
  kill(): void
  readonly ended: Promise<Ended>
}

export interface Ended {
  /** `null` where it was killed. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly milliseconds: number
}

/** How a process is started. */
export interface Start {
  readonly folder: string
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** A shell line that ends in `exec "$@"`, for limits that only a shell sets. */
  readonly shell?: string
}

/** Starts the command. `ended` rejects where it does not end in time; it is killed then. */
export function start({ folder, arguments: given, environment, shell }: Start): Running {
  const whole = [process.execPath, command, ...given, '--json']
  const [program = '', ...rest] = shell === undefined ? whole : ['/bin/sh', '-c', shell, 'sh', ...whole]
  const begun = performance.now()
  const child = spawn(program, rest, { cwd: folder, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  const late = setTimeout(() => child.kill('SIGKILL'), patience)
  const closed = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject))
  const ended = Promise.all([closed, text(child.stdout), text(child.stderr)]).then(([code, stdout, stderr]) => {
    clearTimeout(late)
    const milliseconds = performance.now() - begun
    if (milliseconds >= patience) throw new Error(`it had not ended after ${patience / 1000} seconds; its progress: ${stderr.slice(-1000)}`)
    return { code, stdout, stderr, milliseconds }
  })
  return { kill: () => child.kill('SIGKILL'), ended }
}

/** Of the first run of the JSON document: how it ended. */
export interface Told {
  readonly id: string
  readonly status: string
  readonly counts: Readonly<Record<string, number>>
  readonly error: { readonly code: string; readonly message: string } | null
}

/** What a process said of its runs; none where it was killed or stopped before one began. */
export function toldBy({ stdout }: Ended): readonly Told[] {
  if (!stdout.trimStart().startsWith('{')) return []
  const { runs = [], error } = JSON.parse(stdout) as { readonly runs?: readonly Told[]; readonly error?: Told['error'] }
  return error ? [{ id: '', status: 'failed', counts: {}, error }] : runs
}
