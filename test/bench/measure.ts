import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Measured {
  readonly seconds: number
  /** Peak resident memory of the process itself in MB; 0 where the system has no /proc. */
  readonly peakMegabytes: number
}

/** Runs a shell command as a whole process. Its output is dropped; it has to end with one of `codes`. */
export async function measure(command: string, options: { readonly cwd: string; readonly codes?: readonly number[] }): Promise<Measured> {
  const began = performance.now()
  const child = spawn('bash', ['-c', `set -o pipefail; ${command}`], { cwd: options.cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (data) => {
    errors += data
  })
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, residentPeak(child.pid))
  }, 20)
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)))
  clearInterval(watch)
  const seconds = (performance.now() - began) / 1000
  if (!(options.codes ?? [0]).includes(code)) throw new Error(`\`${command}\` ended with ${code}: ${errors.slice(-2000)}`)
  return { seconds, peakMegabytes: Math.round(peak / 1024) }
}

/** Kilobytes; the kernel keeps the high-water mark, so looking now and then is enough. */
function residentPeak(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** The middle of the values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? (sorted[Math.floor(middle)] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
