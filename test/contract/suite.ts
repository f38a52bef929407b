import { describe, expect, test } from 'vitest'
import type { Case } from './case.ts'
import { appending } from './cases/appending.ts'
import { applying } from './cases/applying.ts'
import { committing } from './cases/committing.ts'
import { describing } from './cases/describing.ts'
import { hashing } from './cases/hashing.ts'
import { holding } from './cases/holding.ts'
import { reading } from './cases/reading.ts'
import { replacing } from './cases/replacing.ts'
import { edges, heldEdges, type Lacks, merged } from './edges.ts'
import { Place, type System } from './place.ts'

export interface Tested {
  readonly name: string
  /** A new, empty system that may keep its files in `directory`. */
  prepare(directory: string): Promise<System>
  /** Names of cases that the connector cannot run, each with the reason. */
  readonly skips?: Readonly<Record<string, string>>
  /** What the system cannot hold; it must then refuse it. */
  readonly lacks?: Lacks
  /** What the system stores as another value that it takes as equal, so that nothing can be refused. */
  readonly equates?: Lacks
}

/** The promises of `src/connectors/connector.ts`, case by case, for one connector. */
export function describeConnector({ name, prepare, skips = {}, lacks = {}, equates = {} }: Tested): void {
  const absent = merged(lacks, equates)
  const held = heldEdges(edges, absent)
  const cases: readonly Case[] = [describing, holding(lacks, equates), appending, replacing, applying, committing, reading, hashing].flat()
  describe(name, () => {
    test('every skip names a case', () => {
      const names = new Set(cases.map((one) => one.name))
      expect(Object.keys(skips).filter((skip) => !names.has(skip))).toEqual([])
    })
    for (const { name: title, run } of cases) {
      const reason = skips[title]
      test.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (${reason})`, async () => {
        await using place = await Place.open(prepare, held)
        await run(place)
      })
    }
  })
}
