import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { World } from '../e2e/world.ts'
import { installedCommand } from '../services/installed-command.ts'
import { freshDatabase } from '../services/postgres.ts'

const entry = await installedCommand()

/** Where a run is killed: as soon as it says that a table is in a phase, or some milliseconds later. */
const moments = [
  { phase: 'reading', after: 0 },
  { phase: 'applying', after: 0 },
  { phase: 'verifying', after: 0 },
  { phase: 'committing', after: 0 },
  { phase: 'committing', after: 8 },
  { phase: 'committing', after: 20 },
]

describe.each(['SQLite', 'PostgreSQL'])('many tables into %s, killed at any moment', (system) => {
  test.each(['mirror', 'append'])(
    '%s: all tables are as they were or as they shall be, and the next run ends in step',
    { timeout: 120_000 },
    async (mode) => {
      await using database = system === 'PostgreSQL' ? await freshDatabase() : undefined
      using world = new World()
      const tables =
        'CREATE TABLE parent (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent)'
      world.sqlite('a.db', tables)
      if (database) await database.run(...tables.split('; '))
      else world.sqlite('b.db', tables)
      const from = mode === 'append' ? '{ connection: a, object: "*", cursor: id }' : 'a#*'
      world.write(
        'syncline.yaml',
        `connections: { a: ./a.db, b: "${database?.url ?? './b.db'}" }\nsyncs: { s: { from: ${from}, to: "b#{table}", mode: ${mode} } }\n`,
      )
      const count =
        'SELECT (SELECT count(*) FROM parent), (SELECT count(*) FROM child), (SELECT count(*) FROM child JOIN parent ON parent.id = child.parent)'
      const content = async (name: string) =>
        (name === 'b.db' && database ? await database.rows(count) : world.rows(name, count)).flat().map(Number)
      const killed: (number | null)[] = []
      for (const [turn, moment] of moments.entries()) {
        grow(world, turn)
        killed.push((await runAndKill(world.folder, moment)).code)
        const [parents, children, joined] = await content('b.db')
        expect([children, joined]).toEqual([parents, parents])
      }
      expect(killed).toContain(null)
      expect(await runAndKill(world.folder)).toMatchObject({ code: 0 })
      expect(await content('b.db')).toEqual([600, 600, 600])
      expect(await content('a.db')).toEqual([600, 600, 600])
      expect(world.rows('.syncline/state.db', 'SELECT count(*) FROM commits')).toEqual([[0n]])
    },
  )
})

function grow(world: World, turn: number): void {
  const keys = Array.from({ length: 100 }, (_, index) => turn * 100 + index)
  world.sqlite(
    'a.db',
    `INSERT INTO parent VALUES ${keys.map((n) => `(${n}, '${'x'.repeat(n % 50)}')`).join(', ')}`,
    `INSERT INTO child VALUES ${keys.map((n) => `(${n}, ${n})`).join(', ')}`,
  )
}

/** Runs the command, kills it at the moment, and gives its output and its exit code, `null` where it was killed. */
async function runAndKill(
  cwd: string,
  moment?: (typeof moments)[number],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [entry, 'run', '--json'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (moment && text.includes(`"phase":"${moment.phase}"`)) setTimeout(() => child.kill('SIGKILL'), moment.after)
    if (!moment) output += text
  })
  return await new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}
