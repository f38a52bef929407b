import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { World } from '../e2e/world.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'

const entry = join(import.meta.dirname, '..', '..', 'src', 'bin.ts')

/** Where a run is killed: as soon as it says that it is in a phase, or some milliseconds later. The last ones fall around the rename. */
const moments = [
  { phase: 'reading', after: 0 },
  { phase: 'applying', after: 0 },
  { phase: 'verifying', after: 0 },
  { phase: 'committing', after: 0 },
  { phase: 'committing', after: 3 },
  { phase: 'committing', after: 8 },
  { phase: 'committing', after: 15 },
  { phase: 'committing', after: 30 },
]

/** A source that grows, and a target that is to follow it however often the runs between are killed. */
const syncs: Readonly<Record<string, string>> = {
  append: '{ from: { connection: a, object: t, cursor: id }, to: b#t, mode: append }',
  'append without a key': '{ from: { connection: a, object: log, cursor: n }, to: b#log, mode: append }',
  mirror: '{ from: a#t, to: b#t, mode: mirror }',
  replace: '{ from: a#t, to: b#t, mode: replace }',
}

describe.skipIf(noMysql !== undefined)('runs into MySQL killed at any moment', () => {
  test.each(Object.keys(syncs))(
    '%s: the next run ends in step, nothing lost, nothing twice, nothing left beside',
    { timeout: 180_000 },
    async (mode) => {
      await using database = await freshMysqlDatabase()
      using world = new World()
      world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', 'CREATE TABLE log (n INTEGER, v TEXT)')
      world.write('syncline.yaml', `connections: { a: ./a.db, b: "${database.url}" }\nsyncs: { s: ${syncs[mode]} }\n`)
      for (const [turn, moment] of moments.entries()) {
        grow(world, turn)
        await runAndKill(world.folder, moment)
      }
      expect(await runAndKill(world.folder)).toBe(0)
      const table = mode.includes('without') ? 'log' : 't'
      const query = `SELECT count(*) AS n, count(DISTINCT ${table === 't' ? 'id' : 'n'}) AS n2, sum(length(v)) AS total FROM ${table}`
      const found = await database.rows(query)
      expect(found.map((row) => row.map((cell) => BigInt(cell ?? 0)))).toEqual(world.rows('a.db', query))
      expect(world.rows('a.db', query)).toEqual([[800n, 800n, expect.anything()]])
      const tables = await database.rows('SELECT table_name FROM information_schema.tables WHERE table_schema = database()')
      expect(tables.flat().sort()).toEqual(['_syncline_commits', table])
    },
  )
})

function grow(world: World, turn: number): void {
  const rows = Array.from({ length: 100 }, (_, index) => turn * 100 + index)
  const values = rows.map((n) => `(${n}, '${'x'.repeat(n % 50)}')`).join(', ')
  world.sqlite('a.db', `INSERT INTO t VALUES ${values}`, `INSERT INTO log VALUES ${values}`)
}

/** Runs the command, kills it at the moment, and gives its exit code, `null` where it was killed. */
async function runAndKill(cwd: string, moment?: (typeof moments)[number]): Promise<number | null> {
  const child = spawn(process.execPath, [entry, 'run', '--json'], { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', (text: string) => {
    if (moment && text.includes(`"phase":"${moment.phase}"`)) setTimeout(() => child.kill('SIGKILL'), moment.after)
  })
  return await new Promise((resolve) => child.on('close', resolve))
}
