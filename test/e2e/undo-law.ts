import fc from 'fast-check'
import { expect } from 'vitest'
import { openSyncline, type RunResult } from '../../src/index.ts'
import { World } from './world.ts'

/** Texts that some system or format takes for something else. */
const texts = fc.oneof(
  fc.constantFrom(
    null,
    '',
    ' ',
    '\\N',
    '\\.',
    'NULL',
    '"',
    ',',
    '\r\n',
    "'",
    '\t',
    '\ufeffx',
    'é',
    'e\u0301',
    '😀',
    '0',
    '1.0',
    'true',
    '=1',
  ),
  fc.string({ maxLength: 5 }).map((text) => text.replaceAll('\0', '')),
)
const numbers = fc.oneof(fc.constantFrom(null, 0n, -1n, 9007199254740993n, -9223372036854775808n), fc.bigInt({ min: -9n, max: 9n }))
const bytes = fc.option(fc.uint8Array({ maxLength: 3 }))

interface Row {
  readonly a: number
  readonly b: number
  readonly text: string | null
  readonly number: bigint | null
  readonly bytes: Uint8Array | null
}

const row: fc.Arbitrary<Row> = fc.record({ a: fc.nat(3), b: fc.nat(2), text: texts, number: numbers, bytes })
const rows = fc.uniqueArray(row, { selector: ({ a, b }) => `${a} ${b}`, maxLength: 12 })

function literal(value: string | bigint | Uint8Array | null): string {
  if (value === null) return 'NULL'
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  return `x'${Buffer.from(value).toString('hex')}'`
}

function fill(world: World, table: string, content: readonly Row[]): void {
  world.sqlite(
    'source.db',
    `DROP TABLE IF EXISTS ${table}`,
    `CREATE TABLE ${table} (a INTEGER, b INTEGER, t TEXT, n INTEGER, x BLOB, PRIMARY KEY (a, b))`,
    ...content.map(
      (one) => `INSERT INTO ${table} VALUES (${[BigInt(one.a), BigInt(one.b), one.text, one.number, one.bytes].map(literal).join(', ')})`,
    ),
  )
}

/**
 * Whatever a run did to a target, its undo leaves there what was there before, and the undo of that what the run had left.
 * @param target where nothing is yet: a connection, and the name of an object that is in no other case.
 */
export async function undoIsTheIdentity(connection: string, object: (name: string) => string, numRuns: number): Promise<void> {
  let cases = 0
  const modes = fc.constantFrom('mirror', 'upsert')
  await fc.assert(
    fc.asyncProperty(rows, rows, modes, async (before, wanted, mode) => {
      using world = new World()
      cases += 1
      const to = { connection: 'target', object: object(`t${cases}`) }
      // One config would refuse two mirrors of one target.
      const open = async (from: string, how: string) =>
        await openSyncline({
          config: {
            connections: { source: './source.db', target: connection },
            syncs: { [from]: { from: `source#${from}`, to, mode: how as 'mirror', key: ['a', 'b'], guard: 'off' } },
          },
          cwd: world.folder,
        })
      fill(world, 'before', [{ a: 9, b: 9, text: 'stays', number: 1n, bytes: null }, ...before])
      fill(world, 'wanted', [{ a: 9, b: 9, text: 'stays', number: 1n, bytes: null }, ...wanted])
      await using former = await open('before', 'mirror')
      await using syncline = await open('wanted', mode)
      const inStep = async (side: typeof former) => expect(await side.verify().results).toMatchObject([{ status: 'succeeded' }])
      const one = async ({ results }: { readonly results: Promise<readonly RunResult[]> }) => {
        const [result] = await results
        expect(result).toMatchObject({ status: 'succeeded', error: null, counts: { rejected: 0 } })
        return result as RunResult
      }
      await one(former.run())
      const run = await one(syncline.run())
      const { inserted, updated, deleted } = run.counts
      if (inserted + updated + deleted === 0) return
      const back = await one(syncline.undo(run.id))
      expect(back.counts).toMatchObject({ inserted: deleted, updated, deleted: inserted })
      await inStep(former)
      const again = await one(syncline.undo(back.id))
      expect(again.counts).toMatchObject({ inserted, updated, deleted })
      await inStep(syncline)
      await one(syncline.undo(again.id))
      await inStep(former)
    }),
    { numRuns },
  )
}
