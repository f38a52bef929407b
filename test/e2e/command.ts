import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { installedCommand } from '../services/installed-command.ts'

const entry = await installedCommand()

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The real command in its own process, as users run it. */
export async function command(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [entry, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = new Promise<number | null>((settle) => child.on('close', settle))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, stdout, stderr }
}
