import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What npm would publish, installed into an empty folder as a user would. */
describe('the published package', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syncline-package-'))
    await write('package.json', '{ "private": true, "type": "module" }')
    const packs = join(folder, 'packs')
    await mkdir(packs)
    await succeed(npm(['pack', '--pack-destination', packs], resolve('.')))
    const [tarball = ''] = await readdir(packs)
    await succeed(npm(['install', '--prefer-offline', '--no-audit', '--no-fund', join(packs, tarball)], folder))
  }, 120_000)
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  })

  test('the command tells its version', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    expect(await syncline('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test('an older Node is told what is needed, in plain words', async () => {
    const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })`
    const ended = await run(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(older)}`, ...starter(), 'run'],
      folder,
    )
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(/^syncline needs Node 24\.16 or later, and this is Node 20\.19\.0\.\n/)
    expect(ended.stderr).not.toContain('    at ')
  })

  test('a syncline.config.ts is run: CSV into SQLite, twice, and verified', async () => {
    await write('people.csv', 'id,name,born\n1,Ada,1815-12-10\n2,Émilie,1706-12-17\n')
    await write(
      'syncline.config.ts',
      `import { defineConfig } from 'syncline'

interface Names { readonly table: string }
const names: Names = { table: 'people' }

export default defineConfig({
  connections: { database: { type: 'sqlite', path: 'people.sqlite' } },
  syncs: { people: { from: './people.csv', to: \`database#\${names.table}\`, mode: 'mirror', key: 'id' } },
})
`,
    )
    const first = await succeed(syncline('run', '--json'))
    expect(JSON.parse(first.stdout)).toMatchObject({ runs: [{ sync: 'people', status: 'succeeded', counts: { read: 2, inserted: 2 } }] })
    const second = await succeed(syncline('run', '--json'))
    expect(JSON.parse(second.stdout)).toMatchObject({
      runs: [{ status: 'succeeded', counts: { inserted: 0, updated: 0, deleted: 0, unchanged: 2 } }],
    })
    expect((await syncline('verify')).code).toBe(0)
    using database = new DatabaseSync(join(folder, 'people.sqlite'))
    expect(database.prepare('select id, name, born from people order by id').all()).toEqual([
      { id: 1, name: 'Ada', born: '1815-12-10' },
      { id: 2, name: 'Émilie', born: '1706-12-17' },
    ])
  })

  test('the SDK is imported and does the same', async () => {
    await write('towns.csv', 'id,name\n1,Köln\n')
    await write('sdk.ts', consumer)
    const ended = await succeed(run(process.execPath, ['sdk.ts'], folder))
    expect(JSON.parse(ended.stdout)).toEqual({ planned: 1, status: 'succeeded', inserted: 1, refused: 'ConfigError' })
  })

  test.each(['nodenext', 'bundler'])('the types of the SDK hold under moduleResolution %s', async (resolution) => {
    await write('sdk.ts', consumer)
    const project = await projectOf(resolution, 'sdk.ts')
    expect(await tsc(project)).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('the types of the SDK catch mistakes', async () => {
    await write(
      'wrong.ts',
      `import { defineConfig, openSyncline } from 'syncline'
defineConfig({ syncs: { a: { from: './a.csv', to: './b.csv', mode: 'sideways' } } })
const opened = await openSyncline({ cwd: 7 })
opened.nothing()
`,
    )
    const { code, stdout } = await tsc(await projectOf('nodenext', 'wrong.ts'))
    expect(code).not.toBe(0)
    expect([...stdout.matchAll(/wrong\.ts\((\d+),/g)].map(([, line]) => line)).toEqual(['2', '3', '4'])
  })

  async function write(name: string, text: string): Promise<void> {
    await writeFile(join(folder, name), text)
  }

  async function syncline(...words: readonly string[]): Promise<Ended> {
    return await run(process.execPath, [...starter(), ...words], folder)
  }

  function starter(): readonly string[] {
    return [join(folder, 'node_modules', 'syncline', 'dist', 'cli.js')]
  }

  async function projectOf(resolution: string, file: string): Promise<string> {
    const name = `tsconfig.${resolution}.json`
    const [module, types] = [resolution === 'bundler' ? 'esnext' : 'nodenext', []]
    const compilerOptions = {
      module,
      moduleResolution: resolution,
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable', 'dom'],
      types,
      strict: true,
      noEmit: true,
    }
    await write(name, JSON.stringify({ compilerOptions, files: [file] }))
    return join(folder, name)
  }

  async function tsc(project: string): Promise<Ended> {
    return await run(resolve('node_modules', '.bin', 'tsc'), ['--project', project], folder)
  }
})

const consumer = `import { ConfigError, defineConfig, openSyncline, type RunResult } from 'syncline'

const config = defineConfig({
  connections: { database: { type: 'sqlite', path: 'towns.sqlite' } },
  syncs: { towns: { from: './towns.csv', to: 'database#towns', mode: 'upsert', key: 'id' } },
})
await using syncline = await openSyncline({ config })
const [plan] = await syncline.plan({ syncs: ['towns'] }).results
const { events, results } = syncline.run()
let finished: RunResult | undefined
for await (const event of events) if (event.type === 'finished') finished = event.result
const [result] = await results
if (result?.id !== finished?.id) throw new Error('the events and the results differ')
const refused = await syncline.run({ syncs: ['nowhere'] }).results.then(() => undefined, (error: unknown) => error)
const name = refused instanceof ConfigError ? refused.name : 'none'
const told = { planned: plan?.counts.inserted, status: result?.status, inserted: result?.counts.inserted, refused: name }
console.log(JSON.stringify(told))
`

async function npm(words: readonly string[], directory: string): Promise<Ended> {
  return await run('npm', words, directory)
}

async function succeed(ending: Promise<Ended>): Promise<Ended> {
  const ended = await ending
  expect(ended.code, `${ended.stdout}\n${ended.stderr}`).toBe(0)
  return ended
}

/** Runs a program on the Node that runs the tests; what it prints is kept. */
async function run(program: string, words: readonly string[], directory: string): Promise<Ended> {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`, NO_COLOR: '1' }
  const { promise, resolve: settle } = Promise.withResolvers<Ended>()
  execFile(program, words, { cwd: directory, env, shell: process.platform === 'win32' }, (error, stdout, stderr) => {
    const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0
    settle({ code, stdout, stderr })
  })
  return await promise
}
