import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openTemporaryDirectory } from './temporary.ts'

/** Stands for the directory of the system. */
let place: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'syncline-temporary-test-'))
  vi.stubEnv('TMPDIR', place)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(place, { recursive: true })
})

describe('a temporary directory', () => {
  test('is gone with all that lies in it once it is disposed of', async () => {
    {
      await using directory = await openTemporaryDirectory()
      writeFileSync(join(directory.path, 'rows'), 'some')
      expect(directory.path.startsWith(place)).toBe(true)
    }
    expect(readdirSync(place)).toEqual([])
  })

  test('of a process that was killed is removed by the next one, and that of one that lives is not', async () => {
    const maker = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [path] = (await once(maker.stdout.setEncoding('utf8'), 'data')) as [string]
    {
      await using _next = await openTemporaryDirectory()
      expect(existsSync(join(path, 'rows'))).toBe(true)
    }
    maker.kill('SIGKILL')
    await once(maker, 'exit')
    await using next = await openTemporaryDirectory()
    expect(readdirSync(place).map((name) => join(place, name))).toEqual([next.path])
  })

  test('that was left before it was held is removed, and what others keep under such a name is not', async () => {
    mkdirSync(join(place, 'syncline-abcdef'))
    mkdirSync(join(place, 'syncline-others'))
    writeFileSync(join(place, 'syncline-others', 'kept'), '')
    mkdirSync(join(place, 'syncline-fedcba-going'))
    writeFileSync(join(place, 'syncline-fedcba-going', 'rows'), 'of a process that was killed as it removed them')
    await using directory = await openTemporaryDirectory()
    expect(readdirSync(place).sort()).toEqual([directory.path.slice(place.length + 1), 'syncline-others'].sort())
  })

  test('is one of many that are made at the same time', async () => {
    const directories = await Promise.all(Array.from({ length: 20 }, async () => await openTemporaryDirectory()))
    expect(new Set(directories.map(({ path }) => path)).size).toBe(20)
    for (const { path } of directories) expect(existsSync(path)).toBe(true)
    for (const directory of directories) await directory[Symbol.asyncDispose]()
    expect(readdirSync(place)).toEqual([])
  })
})

const script = `
import { writeFileSync } from 'node:fs'
import { openTemporaryDirectory } from ${JSON.stringify(join(import.meta.dirname, 'temporary.ts'))}
const { path } = await openTemporaryDirectory()
writeFileSync(path + '/rows', 'some')
process.stdout.write(path)
setInterval(() => {}, 1000)
`
