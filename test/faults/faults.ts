import { parseArgs } from 'node:util'
import { startEmbeddedPostgres } from '../services/embedded-postgres.ts'
import { mariadbPrograms, startPrivateMariadb } from '../services/private-mariadb.ts'
import { Random } from './random.ts'
import { stopServers } from './restart.ts'
import { Scene, type Setting } from './scene.ts'
import type { Suite } from './suite.ts'
import { suites } from './suites.ts'

// npm run faults [-- --seed N] [--kills N] [--network N] … [--only CASE] [--lanes N] [--verbose]
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

/** How far a suite is. */
interface Progress {
  readonly suite: Suite
  readonly wanted: number
  happened: number
  next: number
  busy: boolean
}

const progress = suites.map((suite): Progress => {
  const wanted = suite.missing === undefined ? Number(given[suite.name] ?? suite.wanted) : 0
  return { suite, wanted, happened: 0, next: 0, busy: false }
})
const failed: string[] = []
const begun = performance.now()

await using servers = new AsyncDisposableStack()
servers.defer(stopServers)
process.env.SYNCLINE_TEST_POSTGRES ||= servers.use(await startEmbeddedPostgres()).url
const mariadb = mariadbPrograms()
if (mariadb) process.env.SYNCLINE_TEST_MYSQL ||= servers.use(await startPrivateMariadb(mariadb)).url

/** At the first SIGINT the cases under way end, and what they opened is closed; the second one ends all. */
let stopping = false
process.once('SIGINT', () => {
  stopping = true
})

if (values.only === undefined) await Promise.all(Array.from({ length: Number(values.lanes) }, async () => await lane()))
else await runOnly(values.only)
report()

/** Case by case, always of the suite that is least far, until all have had their faults. */
async function lane(): Promise<void> {
  while (!stopping) {
    const open = progress.filter(({ suite, happened, wanted, busy }) => happened < wanted && !(suite.alone && busy))
    const [first] = open.sort((a, b) => a.happened / a.wanted - b.happened / b.wanted)
    if (!first) return
    first.busy = true
    await runCase(first, first.next++)
    first.busy = false
  }
}

async function runOnly(name: string): Promise<void> {
  const [, suite, number] = /^(\w+)-(\d+)$/.exec(name) ?? []
  const found = progress.find((one) => one.suite.name === suite)
  if (!found) throw new Error(`expected a case such as kills-7, got ${name}; there are ${suites.map((one) => one.name).join(', ')}`)
  await runCase(found, Number(number))
}

async function runCase(one: Progress, number: number): Promise<void> {
  const { suite } = one
  const setting = await suite.settingOf(number)
  if (!isPossible(setting)) return
  const { course, from, to } = setting
  const name = `${suite.name}-${number}`
  const title = `${name} (${course.name}, ${from} → ${to})`
  const random = new Random(values.seed, suite.name, number)
  const notes: string[] = []
  const started = performance.now()
  try {
    await using scene = await Scene.open(setting, random)
    await suite.run(scene, random, { note: (what) => notes.push(what), struck: () => one.happened++ })
    if (values.verbose) console.log(`${title}: ${((performance.now() - started) / 1000).toFixed(1)} s; ${notes.join('; ')}`)
  } catch (error) {
    failed.push(name)
    const what = error instanceof Error ? (values.verbose ? error.stack : error.message) : String(error)
    console.log(`FAILED ${title}: ${what}\n  ${notes.join('; ')}\n  again: npm run faults -- --seed ${values.seed} --only ${name}`)
  }
}

function isPossible({ from, to }: Setting): boolean {
  return process.env.SYNCLINE_TEST_MYSQL !== undefined || ![from, to].includes('MySQL')
}

function report(): void {
  for (const { suite } of progress) if (suite.missing !== undefined) console.log(`no ${suite.name}: ${suite.missing}`)
  if (process.env.SYNCLINE_TEST_MYSQL === undefined)
    console.log('nothing with MySQL: no MariaDB is installed here, and SYNCLINE_TEST_MYSQL names none')
  const counts = progress.map(({ suite, happened }) => `${happened} ${suite.name}`).join(', ')
  const outcome = failed.length === 0 ? (stopping ? 'stopped' : 'all converged') : `${failed.length} cases failed: ${failed.join(', ')}`
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  console.log(`faults: ${counts}; ${outcome} (seed ${values.seed}, ${seconds} s)`)
  if (failed.length > 0 || stopping) process.exitCode = 1
}
