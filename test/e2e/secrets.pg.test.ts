import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshDatabase } from '../services/postgres.ts'
import { command } from './command.ts'
import { World } from './world.ts'

const password = 'hunter2 &/%ß'
const encoded = encodeURIComponent(password)

/** Every file below a folder: its path and its bytes as text. */
function everyFile(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), 'latin1')])
}

const spellings = [password, encoded, Buffer.from(password).toString('latin1'), 'hunter2']

function expectNoSecret(where: string, text: string): void {
  for (const secret of spellings) expect([where, text.includes(secret)]).toEqual([where, false])
}

/** The configs by which a password can reach a run. */
const configs: Readonly<Record<string, (url: URL) => string>> = {
  'in a URL': (url) => JSON.stringify(withPassword(url, encoded)),
  'in a URL by ${env:…}': (url) => JSON.stringify(withPassword(url, '${env:SYNCLINE_SECRET}')),
  'as an option by ${env:…}': (url) =>
    `{ type: postgres, host: "${url.hostname}", port: ${url.port || 5432}, user: "${url.username}", password: "\${env:SYNCLINE_SECRET}", database: "${url.pathname.slice(1)}" }`,
}

function withPassword(url: URL, text: string): string {
  return `postgres://${url.username}:${text}@${url.host}${url.pathname}`
}

describe.each(Object.keys(configs))('a password %s', (name) => {
  test.each(['that works', 'of a server that is not there', 'of a user that is not there'])('%s is never shown nor kept', async (how) => {
    await using database = await freshDatabase()
    using world = new World()
    await database.run('CREATE TABLE t (id integer PRIMARY KEY, v text)', "INSERT INTO t VALUES (1, 'a')")
    const url = new URL(database.url)
    // A login of its own: some servers ask for the password, some trust everyone.
    url.username = `syncline_${randomBytes(4).toString('hex')}`
    await database.run(`CREATE ROLE ${url.username} LOGIN SUPERUSER PASSWORD '${password.replaceAll("'", "''")}'`)
    await using login = new AsyncDisposableStack()
    const role = url.username
    login.defer(async () => await database.run(`DROP ROLE ${role}`))
    if (how.includes('server')) url.port = '1'
    if (how.includes('user')) url.username = 'nobody_at_all'
    writeFileSync(
      world.path('config.yaml'),
      `connections:\n  shop: ${configs[name]?.(url)}\nsyncs:\n  t: { from: shop#t, to: ./b.db#t, mode: mirror }\n`,
    )
    const env = { SYNCLINE_SECRET: password }
    for (const args of [
      ['run', '--verbose'],
      ['plan', '--json'],
      ['check', '--verbose'],
      ['runs', '--json'],
    ]) {
      const { code, stdout, stderr } = await command(world.folder, [...args, '--config', 'config.yaml'], env)
      if (args[0] === 'run') expect(code).toBe(how === 'that works' ? 0 : 1)
      expectNoSecret(`${args.join(' ')}: stdout`, stdout)
      expectNoSecret(`${args.join(' ')}: stderr`, stderr)
    }
    const kept = everyFile(world.folder).filter(([path]) => !path.endsWith('config.yaml'))
    expect(kept.some(([path]) => path.endsWith('state.db'))).toBe(true)
    for (const [path, text] of kept) expectNoSecret(path, `${path} ${text}`)
  })
})

test('a URL on the command line is shown and kept without its password', async () => {
  await using database = await freshDatabase()
  using world = new World()
  await database.run('CREATE TABLE t (id integer PRIMARY KEY, v text)', "INSERT INTO t VALUES (1, 'a')")
  const address = `${withPassword(new URL(database.url), encoded)}#t`
  for (const args of [
    ['copy', address, './b.db#t', '--verbose'],
    ['diff', address, './b.db#t', '--key', 'id', '--json'],
    ['copy', address.replace('#t', '#zzz'), './c.db#t', '--verbose'],
    ['profile', address],
  ]) {
    const { stdout, stderr } = await command(world.folder, args)
    expectNoSecret(args[0] ?? '', stdout + stderr)
  }
  for (const [path, text] of everyFile(world.folder)) expectNoSecret(path, `${path} ${text}`)
})

test('what a server says of a row is not shown: no value in errors, logs or runs, but rejects hold their rows', async () => {
  await using database = await freshDatabase()
  using world = new World()
  await database.run(
    'CREATE TABLE t (id integer PRIMARY KEY, email text UNIQUE, age integer CHECK (age > 0))',
    "INSERT INTO t VALUES (9, 'someone@example.com', 1)",
  )
  world.write('in.csv', 'id,email,age\n1,someone@example.com,1\n')
  world.write('bad.csv', 'id,email,age\n2,other-one@example.com,-424242\n')
  world.write('worse.csv', 'id,email,age\n2,third-one@example.com,4242x42\n')
  const yaml = (mode: string) =>
    `connections: { b: "${database.url}" }\nsyncs:\n${['in', 'bad', 'worse'].map((name) => `  ${name}: { from: ./${name}.csv, to: b#t, mode: ${mode}, key: id, guard: off }`).join('\n')}\n`
  for (const mode of ['append', 'upsert', 'replace']) {
    world.write('syncline.yaml', yaml(mode))
    for (const args of [
      ['run', '--verbose'],
      ['run', '--json', '--verbose'],
      ['runs', '--json'],
    ]) {
      const { stdout, stderr } = await command(world.folder, args)
      expect(stdout + stderr).not.toMatch(/one@example|4242/)
    }
  }
})

test.skipIf(process.platform === 'win32')('what is kept at rest is its owner’s alone', async () => {
  using world = new World()
  world.write('in.csv', 'id,n\n1,1\nx,1\n')
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)')
  await world.runOne({ syncs: { t: { from: './in.csv', to: './b.db#t', mode: 'upsert' } } })
  const modes = readdirSync(world.path('.syncline'), { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name)
    return [path, entry.isDirectory(), statSync(path).mode & 0o777] as const
  })
  expect(modes.length).toBeGreaterThan(1)
  expect(statSync(world.path('.syncline')).mode & 0o777).toBe(0o700)
  for (const [path, isDirectory, mode] of modes) expect([path, mode]).toEqual([path, isDirectory ? 0o700 : 0o600])
})
