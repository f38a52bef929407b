import fc from 'fast-check'
import { expect } from 'vitest'
import { type ConfigInput, openSyncline, type RunResult, type Syncline } from '../../src/index.ts'
import { World } from './world.ts'

interface Row {
  readonly id: number
  readonly text: string | null
}

const texts = fc.constantFrom(null, '', ' ', '\\N', '\\.', 'NULL', '"', ',', '\r\n', "'", 'é', 'e\u0301', '😀', '0', '1.0', 'true')
const rows = fc.uniqueArray(fc.record({ id: fc.nat(6), text: texts }), { selector: ({ id }) => id, maxLength: 6 })

/** What the laws do to a target past Syncline. */
export interface Side {
  /** Where it is, and the table that is written. */
  readonly connection: string
  readonly object: string
  /** Makes the table anew, empty. */
  prepare(): Promise<void>
  content(): Promise<readonly Row[]>
  /** Changes that others make. */
  change(statements: readonly string[]): Promise<void>
}

const quoted = (text: string | null) => (text === null ? 'NULL' : `'${text.replaceAll("'", "''")}'`)
const values = ({ id, text }: Row) => `(${id}, ${quoted(text)})`

function fill(world: World, content: readonly Row[]): void {
  const inserts = content.length === 0 ? [] : [`INSERT INTO wanted VALUES ${content.map(values).join(', ')}`]
  world.sqlite('source.db', 'DROP TABLE IF EXISTS wanted', 'CREATE TABLE wanted (id INTEGER PRIMARY KEY, t TEXT)', ...inserts)
}

const sorted = (content: readonly Row[]) => content.toSorted((a, b) => a.id - b.id)

async function one({ results }: { readonly results: Promise<readonly RunResult[]> }): Promise<RunResult> {
  const [result] = await results
  expect(result).toMatchObject({ status: 'succeeded', error: null })
  return result as RunResult
}

/**
 * Loads that compare nothing: their undo leaves in the target what was there before, the undo of that what the load had left, and
 * rows that others changed meanwhile stay and are listed.
 */
export async function loadsAreUndone(side: Side, numRuns: number): Promise<void> {
  const modes = fc.constantFrom('replace', 'append')
  await fc.assert(
    fc.asyncProperty(rows, rows, modes, fc.boolean(), async (before, wanted, mode, othersWrite) => {
      using world = new World()
      const added = mode === 'append' ? wanted.filter(({ id }) => !before.some((row) => row.id === id)) : wanted
      fill(world, added)
      await side.prepare()
      if (before.length > 0) await side.change([`INSERT INTO ${side.object} VALUES ${before.map(values).join(', ')}`])
      const config: ConfigInput = {
        connections: { source: './source.db', target: side.connection },
        syncs: {
          t: { from: 'source#wanted', to: { connection: 'target', object: side.object }, mode: mode as 'replace', key: 'id', guard: 'off' },
        },
      }
      await using syncline = await openSyncline({ config, cwd: world.folder })
      const run = await one(syncline.run())
      const left = mode === 'append' ? [...before, ...added] : added
      expect(sorted(await side.content())).toEqual(sorted(left))
      expect(run.details.path).toMatch(/^(direct|streamed)/)
      if (before.length + left.length === 0 || (mode === 'append' && added.length === 0)) return
      expect(run.details.journal).toMatchObject({ bytes: expect.any(Number) })
      if (othersWrite) return await othersKeepTheirs(side, syncline, { run, before, added })
      const back = await one(syncline.undo(run.id))
      expect(back.counts.rejected).toBe(0)
      expect(sorted(await side.content())).toEqual(sorted(before))
      const { inserted, updated, deleted } = back.counts
      if (inserted + updated + deleted === 0) return
      await one(syncline.undo(back.id))
      expect(sorted(await side.content())).toEqual(sorted(left))
    }),
    { numRuns },
  )
}

interface Loaded {
  readonly run: RunResult
  readonly before: readonly Row[]
  readonly added: readonly Row[]
}

/** The first row that the load brought is changed, the last is deleted, and one comes in that nobody knew. */
async function othersKeepTheirs(side: Side, syncline: Syncline, { run, before, added }: Loaded): Promise<void> {
  const [changed] = added
  const gone = added.length > 1 ? added.at(-1) : undefined
  await side.change([
    ...(changed ? [`UPDATE ${side.object} SET t = 'theirs' WHERE id = ${changed.id}`] : []),
    ...(gone ? [`DELETE FROM ${side.object} WHERE id = ${gone.id}`] : []),
    `INSERT INTO ${side.object} VALUES (100, 'new')`,
  ])
  const back = await one(syncline.undo(run.id))
  const theirs = [changed, gone].filter((row) => row !== undefined)
  const kept = before.filter(({ id }) => !theirs.some((row) => row.id === id))
  const others = [...(changed ? [{ id: changed.id, text: 'theirs' }] : []), { id: 100, text: 'new' }]
  expect(sorted(await side.content())).toEqual(sorted([...kept, ...others]))
  // A row that the load left as it was, or that would have gone, is nothing to list.
  const was = (row: Row | undefined) => before.find(({ id }) => id === row?.id)
  const listed = [
    ...(changed && was(changed)?.text !== changed.text ? [String(changed.id)] : []),
    ...(gone && was(gone) && was(gone)?.text !== gone.text ? [String(gone.id)] : []),
  ]
  const rejects = await syncline.rejects({ sync: 't' })
  expect(rejects.map(({ reason, row }) => [reason, row.id]).sort()).toEqual(listed.map((id) => ['moved', id]).sort())
  expect(back.counts.rejected).toBe(listed.length)
}

/** The same of rows that no key tells apart: all of them at once, or none where others changed some. */
export async function keylessLoadsAreUndone(side: Side, numRuns: number): Promise<void> {
  const many = fc.array(fc.record({ id: fc.nat(2), text: texts }), { maxLength: 6 })
  const cases = fc.record({
    before: many,
    wanted: many,
    mode: fc.constantFrom<'replace' | 'append'>('replace', 'append'),
    others: fc.constantFrom<'nobody' | 'adds' | 'deletes'>('nobody', 'adds', 'deletes'),
  })
  await fc.assert(
    fc.asyncProperty(cases, async (load) => {
      using world = new World()
      const config = await prepareKeyless(side, world, load)
      await using syncline = await openSyncline({ config, cwd: world.folder })
      const run = await one(syncline.run())
      expect(alike(await side.content())).toEqual(alike(load.mode === 'append' ? [...load.before, ...load.wanted] : load.wanted))
      if (load.wanted.length + (load.mode === 'append' ? 0 : load.before.length) === 0) return
      await side.change(changesOfOthers[load.others](side.object))
      const now = await side.content()
      const [back] = await syncline.undo(run.id).results
      const expected = afterUndo(load)
      if (expected) expect(back).toMatchObject({ status: 'succeeded', error: null })
      else expect(back).toMatchObject({ status: 'failed', error: { code: 'CANNOT_UNDO', message: expect.stringContaining('others') } })
      expect(alike(await side.content())).toEqual(alike(expected ?? now))
    }),
    { numRuns },
  )
}

interface KeylessLoad {
  readonly before: readonly Row[]
  readonly wanted: readonly Row[]
  readonly mode: 'replace' | 'append'
  readonly others: 'nobody' | 'adds' | 'deletes'
}

const changesOfOthers: Readonly<Record<KeylessLoad['others'], (table: string) => readonly string[]>> = {
  nobody: () => [],
  adds: (table) => [`INSERT INTO ${table} VALUES (100, 'new')`],
  deletes: (table) => [`DELETE FROM ${table}`],
}

async function prepareKeyless(side: Side, world: World, { before, wanted, mode }: KeylessLoad): Promise<ConfigInput> {
  const cell = (text: string | null) => (text === null ? '' : `"${text.replaceAll('"', '""')}"`)
  world.write('in.csv', ['id,t', ...wanted.map(({ id, text }) => `${id},${cell(text)}`), ''].join('\n'))
  await side.prepare()
  if (before.length > 0) await side.change([`INSERT INTO ${side.object} VALUES ${before.map(values).join(', ')}`])
  return {
    connections: { target: side.connection },
    syncs: { t: { from: './in.csv', to: { connection: 'target', object: side.object }, mode, guard: 'off' } },
  }
}

/** What an undo leaves, `undefined` where nothing tells which rows are whose. */
function afterUndo({ before, wanted, mode, others }: KeylessLoad): readonly Row[] | undefined {
  if (others === 'deletes') return wanted.length > 0 ? undefined : mode === 'append' ? [] : before
  if (others === 'nobody') return before
  return mode === 'append' || before.length === 0 ? [...before, { id: 100, text: 'new' }] : undefined
}

const alike = (content: readonly Row[]) => content.map(({ id, text }) => JSON.stringify([id, text])).sort()
