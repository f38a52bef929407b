import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { World } from '../e2e/world.ts'
import { checkSource, copyPair } from './copy-pair.ts'
import { isWriting, record, recorded } from './recorded.ts'
import { type MatrixSystem, type OpenSystem, sampleTable } from './system.ts'

/**
 * Copies every type of every source into every target, reads the targets back by their own means, and holds what became of
 * each value against what is recorded and documented. Pairs of which neither system is in `about` are another test's.
 */
export function describePairs(systems: readonly MatrixSystem[], about: readonly MatrixSystem[] = systems): void {
  let world: World
  const open = new Map<MatrixSystem, OpenSystem>()
  beforeAll(async () => {
    world = new World()
    for (const system of systems) open.set(system, await system.open(world))
    for (const system of systems) {
      if (system.samples.length > 0) await opened(open, system).create('types', sampleTable(system.samples))
    }
  })
  afterAll(async () => {
    for (const system of open.values()) await system[Symbol.asyncDispose]()
    world?.[Symbol.dispose]()
  })

  describe.each(systems.filter(({ samples }) => samples.length > 0))('$title', (from) => {
    const targets = systems.filter((system) => system.target && (about.includes(system) || about.includes(from)))
    test.runIf(from.target)('holds its own values', async () => {
      await checkSource(opened(open, from), 'types', sampleTable(from.samples))
    })
    test.each(targets)('→ $title', { timeout: 120_000 }, async (to) => {
      const outcomes = await copyPair(world, {
        source: opened(open, from),
        from: 'types',
        table: sampleTable(from.samples),
        system: to,
        target: opened(open, to),
        to: `from_${from.id}`,
      })
      if (isWriting) record(from.id, to.id, outcomes)
      expect(outcomes, 'run `npm run types` and read what changed').toEqual(recorded(from.id)[to.id])
    })
  })
}

function opened(open: ReadonlyMap<MatrixSystem, OpenSystem>, system: MatrixSystem): OpenSystem {
  const found = open.get(system)
  if (!found) throw new Error(`${system.title} was not opened`)
  return found
}
