import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openDuckDB } from '../../../src/duckdb/open.ts'
import { openSyncline } from '../../../src/index.ts'
import type { World } from '../../e2e/world.ts'
import { filledTarget, mirrorOf, runUnchanged, runWholeOrNothing, sourceRows, textOf } from './whole-or-nothing.ts'

const ids = Array.from({ length: sourceRows }, (_, index) => index + 1)
const csv = `id,v\n${ids.map((id) => `${id},"${textOf(id)}"\n`).join('')}`
const json = JSON.stringify(ids.map((id) => ({ id, v: textOf(id) })))
const ndjson = ids.map((id) => `{"id":${id},"v":"${textOf(id)}"}\n`).join('')

/** A kind of source: its file, and how it comes to be. */
const kinds: Readonly<Record<string, { readonly from: string; readonly make: (world: World) => Promise<void> | void }>> = {
  'CSV with quotes': { from: './in.csv', make: (world) => world.write('in.csv', csv) },
  'CSV in gzip': { from: './in.csv.gz', make: (world) => world.write('in.csv.gz', gzipSync(csv)) },
  'CSV in zstd': { from: './in.csv.zst', make: (world) => world.write('in.csv.zst', zstdCompressSync(csv)) },
  JSON: { from: './in.json', make: (world) => world.write('in.json', json) },
  NDJSON: { from: './in.ndjson', make: (world) => world.write('in.ndjson', ndjson) },
  'NDJSON in gzip': { from: './in.ndjson.gz', make: (world) => world.write('in.ndjson.gz', gzipSync(ndjson)) },
  Parquet: { from: './in.parquet', make: async (world) => await copy(world, './in.parquet') },
  Excel: { from: './in.xlsx#Rows', make: async (world) => await copy(world, './in.xlsx#Rows') },
  SQLite: { from: './in.db#s', make: (world) => sqlite(world) },
  DuckDB: { from: './in.duckdb#s', make: async (world) => await duckdb(world) },
}

async function copy(world: World, to: string): Promise<void> {
  world.write('made.csv', csv)
  await using syncline = await openSyncline({ cwd: world.folder })
  const [made] = await syncline.copy('./made.csv', to).results
  expect(made?.error).toBe(null)
}

function sqlite(world: World): void {
  const values = ids.map((id) => `(${id}, '${textOf(id)}')`).join(', ')
  world.sqlite('in.db', 'CREATE TABLE s (id INTEGER PRIMARY KEY, v TEXT)', `INSERT INTO s VALUES ${values}`)
}

async function duckdb(world: World): Promise<void> {
  const instance = await openDuckDB(world.path('in.duckdb'), { temporaryDirectory: world.path('spill'), memoryLimit: '400MB' })
  const connection = await instance.connect()
  const values = ids.map((id) => `(${id}, '${textOf(id)}')`).join(', ')
  await connection.run(`CREATE TABLE s (id INTEGER PRIMARY KEY, v VARCHAR); INSERT INTO s VALUES ${values}; CHECKPOINT`)
  connection.disconnectSync()
  instance.closeSync()
}

/** How many bytes are left of so many: nothing, the first ones, some of the middle, all but the last. */
const cuts: Readonly<Record<string, (bytes: number) => number>> = {
  'before its first byte': () => 0,
  'after its first byte': () => 1,
  'within its beginning': (bytes) => Math.min(70, Math.floor(bytes / 20)),
  'at a quarter': (bytes) => Math.floor(bytes / 4),
  'in the middle': (bytes) => Math.floor(bytes / 2),
  'near its end': (bytes) => bytes - Math.min(700, Math.floor(bytes / 20)),
  'before its last bytes': (bytes) => bytes - 4,
}

describe.each(Object.keys(kinds))('%s', (kind) => {
  const { from = '', make } = kinds[kind] ?? {}
  const file = from.replace(/#.*/, '')

  test('is read whole where nothing is cut', async () => {
    using world = filledTarget()
    await make?.(world)
    expect((await runWholeOrNothing(world, mirrorOf(from))).status).toBe('succeeded')
  })

  test.each(Object.keys(cuts))('cut %s changes nothing', async (cut) => {
    using world = filledTarget()
    await make?.(world)
    const bytes = readFileSync(world.path(file))
    truncateSync(world.path(file), withinText(bytes, cuts[cut]?.(bytes.length) ?? 0))
    // What such a file lacks there may be room that it does not use.
    if (kind === 'DuckDB' && /end|last/.test(cut)) await runWholeOrNothing(world, mirrorOf(from))
    else await runUnchanged(world, mirrorOf(from))
  })

  test('cut while it is read changes nothing, or all was read before', async () => {
    using world = filledTarget()
    await make?.(world)
    const bytes = readFileSync(world.path(file))
    let cut = false
    await using syncline = await openSyncline({ config: mirrorOf(from), cwd: world.folder })
    const activity = syncline.run()
    const before = world.rows('t.db', 'SELECT count(*) FROM t')
    for await (const event of activity.events) {
      if (cut || event.type !== 'progress' || event.phase !== 'reading') continue
      writeFileSync(world.path(file), bytes.subarray(0, withinText(bytes, Math.floor(bytes.length / 2))))
      cut = true
    }
    const [result] = await activity.results
    const expected = result?.status === 'succeeded' ? [[BigInt(sourceRows)]] : before
    expect(world.rows('t.db', 'SELECT count(*) FROM t')).toEqual(expected)
  })
})

/** Moves a cut of a text into a word of it: one at the end of a line would leave a file that is whole. */
function withinText(bytes: Buffer, at: number): number {
  if (!bytes.subarray(0, 200).includes('value ') || at < 20) return at
  return bytes.lastIndexOf('value', at - 6) + 3
}

test('what nobody can tell, a CSV file cut at the end of a line, is held back by the guard', async () => {
  using world = filledTarget()
  world.write('in.csv', csv)
  const config = mirrorOf('./in.csv')
  expect((await world.runOne(config)).status).toBe('succeeded')
  world.write('in.csv', csv.slice(0, csv.indexOf('\n', csv.length / 2) + 1))
  const { guard: _, ...guarded } = config.syncs?.s ?? {}
  const before = world.rows('t.db', 'SELECT count(*) FROM t')
  expect((await world.runOne({ ...config, syncs: { s: guarded } } as typeof config)).status).toBe('withheld')
  expect(world.rows('t.db', 'SELECT count(*) FROM t')).toEqual(before)
})
