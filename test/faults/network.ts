import { type Ended, toldBy } from './drive.ts'
import { live } from './life.ts'
import { type Break, networkFaults } from './proxy.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import { type Pair, type Suite, settingOf, type Tools } from './suite.ts'

const proxied: readonly Pair[] = [
  { from: 'SQLite', to: 'PostgreSQL', proxied: 'target' },
  { from: 'PostgreSQL', to: 'MySQL', proxied: 'target' },
  { from: 'MySQL', to: 'SQLite', proxied: 'source' },
  { from: 'PostgreSQL', to: 'PostgreSQL', proxied: 'source' },
  { from: 'SQLite', to: 'MySQL', proxied: 'target' },
  { from: 'PostgreSQL', to: 'SQLite', proxied: 'source' },
  { from: 'MySQL', to: 'PostgreSQL', proxied: 'target' },
  { from: 'MySQL', to: 'MySQL', proxied: 'source' },
  { from: 'PostgreSQL', to: 'PostgreSQL', proxied: 'target' },
]

export const network: Suite = {
  name: 'network',
  wanted: 300,
  settingOf: (number) => settingOf(number, proxied),
  run: async (scene, random, tools) => await live(scene, random, 6, async () => await broken(scene, ['run'], random, tools)),
}

/** Breaks a connection of one process. @returns whether it broke; the process may have ended before. */
export async function broken(scene: Scene, args: readonly string[], random: Random, { note, struck }: Tools): Promise<boolean> {
  const wanted = randomBreak(random, scene.measured.carried)
  note(describeBreak(wanted))
  const happened = await runAndBreak(scene, args, wanted)
  if (happened) struck()
  return happened
}

/** A break somewhere in what an undisturbed run carried; every third near its end, where commits and their answers are. */
function randomBreak(random: Random, carried: { readonly up: number; readonly down: number }): Break {
  const direction = random.pick(['up', 'down'] as const)
  const bytes = carried[direction]
  const nearEnd = random.chance(1 / 3)
  const after = nearEnd ? bytes - random.integer(0, Math.min(bytes, 600)) : random.integer(0, bytes)
  return { fault: random.pick(networkFaults), direction, after }
}

function describeBreak({ fault, direction, after }: Break): string {
  return `${fault} after ${after} bytes ${direction}`
}

/** Codes of errors that a broken connection may end a run with: each says that the same run may succeed later. */
const expected = new Set(['CONNECTION_LOST', 'HOST_UNREACHABLE'])

/** @returns whether the connection broke; the run may have ended before. */
async function runAndBreak(scene: Scene, args: readonly string[], wanted: Break): Promise<boolean> {
  scene.proxy?.arm(wanted)
  const ended = await scene.start(args).ended
  const struck = scene.proxy?.struck === true
  scene.proxy?.arm()
  if (ended.code !== 0) refuseUnexpected(ended, struck)
  return struck
}

function refuseUnexpected(ended: Ended, struck: boolean): void {
  const [told] = toldBy(ended)
  if (struck && told?.error && expected.has(told.error.code)) return
  const what = told ? `${told.status} ${told.error?.code}: ${told.error?.message}` : ended.stderr.slice(-2000)
  throw new Error(`a run ${struck ? 'whose connection broke' : 'that nothing disturbed'} ended with ${ended.code}: ${what}`)
}
