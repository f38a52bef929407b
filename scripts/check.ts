import { spawn } from 'node:child_process'
import { styleText } from 'node:util'

/**
 * Every check of `npm run check`, side by side: one line each, and what a failed one printed. Each can be run alone:
 * `npm run check lint types`.
 */
const steps: Readonly<Record<string, string>> = {
  format: 'biome check --linter-enabled=false --error-on-warnings',
  lint: 'biome lint --error-on-warnings',
  types: 'tsc --noEmit',
  floors: 'node scripts/check-floors.ts',
  'lock file': 'node scripts/check-lock.ts',
  'dead code': 'knip --no-progress',
  package: 'node scripts/check-package.ts',
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in steps))
if (unknown.length > 0) throw new Error(`no check is called ${unknown.join(', ')}; there are ${Object.keys(steps).join(', ')}`)

const chosen = Object.entries(steps).filter(([name]) => wanted.length === 0 || wanted.includes(name))
const passed = await Promise.all(chosen.map(([name, command]) => runStep(name, command)))
if (passed.includes(false)) process.exitCode = 1

async function runStep(name: string, command: string): Promise<boolean> {
  const started = performance.now()
  const { code, output } = await execute(command)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const mark = code === 0 ? styleText('green', 'passed') : styleText('red', 'failed')
  console.log(`${name.padEnd(10)} ${mark} in ${seconds} s${code === 0 ? '' : `: ${command}\n${output.trimEnd()}\n`}`)
  return code === 0
}

/** npm puts node_modules/.bin on the path of its scripts; the shell finds the commands on every platform. */
async function execute(command: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('error', reject).once('close', resolve)
  return { code: await promise, output: Buffer.concat(chunks).toString() }
}
