import { describe, expect, test } from 'vitest'
import type { Case } from './case.ts'
import { appending } from './cases/appending.ts'
import { applying } from './cases/applying.ts'
import { committing } from './cases/committing.ts'
import { describing } from './cases/describing.ts'
import { gathering } from './cases/gathering.ts'
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
  /** Names of promises that the system cannot keep, each with the reason. They are tried all the same, and must fail. */
  readonly limits?: Readonly<Record<string, string>>
  /** What the system cannot hold; it must then refuse it. */
  readonly lacks?: Lacks
  /** How many rows are many; fewer where each is a request. */
  readonly many?: number
  /** What the system stores as another value that it takes as equal, so that nothing can be refused. */
  readonly equates?: Lacks
}

/** The promises of `src/connectors/connector.ts`, case by case, for one connector. */
export function describeConnector({ name, prepare, limits = {}, lacks = {}, equates = {}, many = 20_000 }: Tested): void {
  const absent = merged(lacks, equates)
  const held = heldEdges(edges, absent)
  const cases: readonly Case[] = [
    describing,
    holding(lacks, equates),
    appending,
    replacing,
    applying,
    committing,
    reading,
    hashing,
    gathering,
  ].flat()
  describe(name, () => {
    test('every limit names a case', () => {
      const names = new Set(cases.map((one) => one.name))
      expect(Object.keys(limits).filter((limit) => !names.has(limit))).toEqual([])
    })
    for (const { name: title, run } of cases) {
      const reason = limits[title]
      test(reason === undefined ? title : `cannot: ${title} (${reason})`, async () => {
        await using place = await Place.open(prepare, held, many)
        if (reason === undefined) await run(place)
        else await expect(run(place), 'a limit that is none: take it out').rejects.toThrow()
      })
    }
  })
}
