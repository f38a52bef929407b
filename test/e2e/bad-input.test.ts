import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { World } from './world.ts'

const mirror = (from: string | object): ConfigInput => ({
  syncs: { t: { from: from as string, to: './b.db#t', mode: 'mirror', key: 'id' } },
})

/** A run that has to fail, and a target that has to stay as it was. */
async function failing(name: string, content: string | Uint8Array | undefined, from: string | object = `./${name}`) {
  using world = new World()
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', "INSERT INTO t VALUES (1, 'kept')")
  if (content !== undefined) world.write(name, content)
  const result = await world.runOne(mirror(from))
  expect(world.rows('b.db', 'SELECT * FROM t')).toEqual([[1n, 'kept']])
  expect(result.status).toBe('failed')
  expect(result.error?.hint).toBeTruthy()
  return result.error
}

describe('a bad source fails the run, says what to do, and leaves the target as it was', () => {
  test('a missing file', async () => {
    expect((await failing('in.csv', undefined))?.message).toContain('in.csv')
  })

  test('a truncated gzip', async () => {
    const whole = gzipSync(`id,v\n${Array.from({ length: 5000 }, (_, index) => `${index},${Math.random()}`).join('\n')}\n`)
    expect((await failing('in.csv.gz', whole.subarray(0, whole.length - 2000)))?.message).toContain('in.csv.gz')
  })

  test.each([
    ['too many fields', 'id,v\n1,a\n2,b,c\n'],
    ['too few fields', 'id,v\n1,a\n2\n'],
    ['an open quote', 'id,v\n1,a\n2,"b\n'],
  ])('a CSV row with %s', async (_, content) => {
    const error = await failing('in.csv', content)
    expect(error?.message).toContain('in.csv')
    expect(error?.message).toMatch(/line 3|record 2|row 2/i)
  })

  test('invalid UTF-8', async () => {
    expect((await failing('in.csv', Buffer.from([...Buffer.from('id,v\n1,a'), 0xff, 0x0a])))?.message).toContain('in.csv')
  })

  test('truncated JSON', async () => {
    expect((await failing('in.json', '[{"id": 1, "v": "a"}, {"id": 2, '))?.message).toContain('in.json')
  })

  test('truncated Parquet', async () => {
    expect((await failing('in.parquet', Buffer.from('PAR1 this is not all')))?.message).toContain('in.parquet')
  })
})

describe('a wrong definition', () => {
  test.each<[string, ConfigInput, string]>([
    ['a key that is not there', { syncs: { t: { from: './in.csv', to: './b.db#t', mode: 'mirror', key: 'nope' } } }, 'KEY_NOT_FOUND'],
    [
      'a column that is not there',
      { syncs: { t: { from: { connection: './', object: 'in.csv', select: 'nope' }, to: './b.db#t', mode: 'replace' } } },
      'COLUMN_NOT_FOUND',
    ],
    ['a table that is not there', { syncs: { t: { from: './b.db#nope', to: './c.db#t', mode: 'replace' } } }, 'TABLE_NOT_FOUND'],
  ])('%s is named', async (_, config, code) => {
    using world = new World()
    world.write('in.csv', 'id,v\n1,a\n')
    world.sqlite('b.db', 'CREATE TABLE other (id INTEGER)')
    const result = await world.runOne(config)
    expect(result.error).toMatchObject({ code, hint: expect.any(String) })
  })

  test('a mirror with a cursor, and a where without a scope', async () => {
    using world = new World()
    const from = { connection: './a.db', object: 't' }
    await expect(world.run({ syncs: { t: { from: { ...from, cursor: 'id' }, to: './b.db#t', mode: 'mirror' } } })).rejects.toThrow('cursor')
    await expect(world.run({ syncs: { t: { from: { ...from, where: 'id > 1' }, to: './b.db#t', mode: 'mirror' } } })).rejects.toMatchObject(
      {
        hint: expect.stringContaining('scope'),
      },
    )
  })
})

describe('a target that cannot be written', () => {
  test.skipIf(process.getuid?.() === 0)(
    'a read-only folder leaves nothing behind (root may write anywhere, so it is skipped for root)',
    async () => {
      using world = new World()
      world.write('in.csv', 'id,v\n1,a\n')
      chmodSync(world.folder, 0o500)
      expect(await world.runOne({ syncs: { t: { from: './in.csv', to: './out.csv', mode: 'replace' } } })).toMatchObject({
        status: 'failed',
      })
      chmodSync(world.folder, 0o700)
    },
  )

  test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
    'a full disk leaves no file behind (a small file system takes root on Linux)',
    async () => {
      using world = new World()
      mkdirSync(world.path('small'))
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', world.path('small')])
      try {
        world.write('in.csv', `id,v\n${Array.from({ length: 20_000 }, (_, index) => `${index},value`).join('\n')}\n`)
        for (const to of ['./small/out.csv', './small/out.parquet', './small/out.db#t', './small/out.duckdb#t']) {
          const result = await world.runOne({ syncs: { t: { from: './in.csv', to, mode: 'replace' } } })
          expect([to, result.status, result.error?.hint !== undefined]).toEqual([to, 'failed', true])
          expect(result.error?.message).toMatch(/full|space/i)
        }
        expect(readdirSync(world.path('small')).filter((name) => !/^out\.(db|duckdb)/.test(name))).toEqual([])
      } finally {
        execFileSync('umount', [world.path('small')])
      }
    },
  )
})
