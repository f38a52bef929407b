import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Random } from './random.ts'
import type { Scene } from './scene.ts'
import { openScene, type Suite, suites } from './suites.ts'

// npm run faults [-- --seed N] [--kills N] [--network N] [--only CASE] [--lanes N] [--verbose]
// Strikes runs of the built command with every fault of this folder and looks at both sides afterwards; see README.md.

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    lanes: { type: 'string', default: '2' },
    verbose: { type: 'boolean', default: false },
    ...Object.fromEntries(suites.map(({ name }) => [name, { type: 'string' } as const])),
  },
})
const given: Readonly<Record<string, unknown>> = values

if (!existsSync(join(import.meta.dirname, '..', '..', 'dist', 'cli.js')))
  throw new Error('the command is struck as it is published: run `npm run build` first')

/** How far a suite is. */
interface Progress {
  readonly suite: Suite
  readonly wanted: number
  happened: number
  next: number
}

const progress: readonly Progress[] = suites.map((suite) => ({
  suite,
  wanted: Number(given[suite.name] ?? suite.wanted),
  happened: 0,
  next: 0,
}))
const failed: string[] = []
const begun = performance.now()

if (values.only === undefined) await Promise.all(Array.from({ length: Number(values.lanes) }, async () => await lane()))
else await runOnly(values.only)
report()

/** Case by case, always of the suite that is least far, until all have had their faults. */
async function lane(): Promise<void> {
  while (true) {
    const [first] = progress
      .filter(({ happened, wanted }) => happened < wanted)
      .sort((a, b) => a.happened / a.wanted - b.happened / b.wanted)
    if (!first) return
    await runCase(first, first.next++)
  }
}

async function runOnly(name: string): Promise<void> {
  const [, suite, number] = /^(\w+)-(\d+)$/.exec(name) ?? []
  const found = progress.find((one) => one.suite.name === suite)
  if (!found)
    throw new Error(`expected a case such as ${suites[0]?.name}-7, got ${name}; there are ${suites.map((one) => one.name).join(', ')}`)
  await runCase(found, Number(number))
}

async function runCase(one: Progress, number: number): Promise<void> {
  const { suite } = one
  const name = `${suite.name}-${number}`
  const notes: string[] = []
  const random = new Random(values.seed, suite.name, number)
  const { course, from, to } = suite.settingOf(number)
  const title = `${name} (${course.name}, ${from} → ${to})`
  const started = performance.now()
  try {
    await using scene: Scene = await openScene(suite, number, random)
    await suite.run(scene, random, { note: (what) => notes.push(what), struck: () => one.happened++ })
    if (values.verbose) console.log(`${title}: ${((performance.now() - started) / 1000).toFixed(1)} s; ${notes.join('; ')}`)
  } catch (error) {
    failed.push(name)
    const again = `npm run faults -- --seed ${values.seed} --only ${name}`
    console.log(
      `FAILED ${title}: ${error instanceof Error ? (values.verbose ? error.stack : error.message) : String(error)}\n  ${notes.join('; ')}\n  again: ${again}`,
    )
  }
}

function report(): void {
  const counts = progress.map(({ suite, happened }) => `${happened} ${suite.name}`).join(', ')
  const outcome = failed.length === 0 ? 'all converged' : `${failed.length} cases failed: ${failed.join(', ')}`
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  console.log(`faults: ${counts}; ${outcome} (seed ${values.seed}, ${seconds} s)`)
  if (failed.length > 0) process.exitCode = 1
}
