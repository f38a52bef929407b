import { readFileSync } from 'node:fs'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { World } from './world.ts'

const csv = 'id,name,note,amount\n1,Ä,,1.50\n2,"a ""b""\nc","",-0.05\n3,𝄞,NULL,12345678901234567890.123456789\n'

const copy = (from: string, to: string, mode: 'replace' | 'mirror' | 'upsert' | 'append' = 'mirror', more: object = {}): ConfigInput => ({
  syncs: { copy: { from, to, mode, ...(mode === 'mirror' || mode === 'upsert' ? { key: 'id' } : {}), ...more } },
})

describe('files', () => {
  test.each(['csv', 'csv.gz', 'csv.zst', 'tsv', 'json', 'ndjson', 'parquet'])(
    'CSV → SQLite → %s → SQLite keeps every value',
    async (kind) => {
      using world = new World()
      world.write('in.csv', csv)
      await world.runOne(copy('./in.csv', './a.db#t'))
      const written = await world.runOne(copy('./a.db#t', `./out.${kind}`))
      expect(written).toMatchObject({ status: 'succeeded', counts: { inserted: 3 } })
      expect((await world.runOne(copy('./a.db#t', `./out.${kind}`))).counts).toMatchObject({
        unchanged: 3,
        inserted: 0,
        updated: 0,
        deleted: 0,
      })
      await world.runOne(copy(`./out.${kind}`, './b.db#t'))
      const columns = 'SELECT id, name, note, amount FROM t ORDER BY id'
      expect(world.rows('b.db', columns)).toEqual(world.rows('a.db', columns))
      expect(world.rows('a.db', columns)).toEqual([
        [1n, 'Ä', null, '1.500000000'],
        [2n, 'a "b"\nc', '', '-0.050000000'],
        [3n, '𝄞', 'NULL', '12345678901234567890.123456789'],
      ])
    },
  )

  test.each<[string, Uint8Array]>([
    ['in.csv', Buffer.from(`\ufeff${csv}`)],
    ['in.csv.gz', gzipSync(csv)],
    ['in.csv.zst', zstdCompressSync(csv)],
  ])('%s is read as it is', async (name, bytes) => {
    using world = new World()
    world.write(name, bytes)
    expect(await world.runOne(copy(`./${name}`, './b.db#t'))).toMatchObject({ counts: { inserted: 3 } })
  })

  test.each<[string, Uint8Array]>([
    ['utf-16le', Buffer.from(`\ufeff${csv}`, 'utf16le')],
    ['utf-16be', Buffer.from(`\ufeff${csv}`, 'utf16le').swap16()],
    ['windows-1252', Buffer.from(csv.replace('𝄞', 'ö'), 'latin1')],
  ])('in %s', async (encoding, bytes) => {
    using world = new World()
    world.write('in.csv', bytes)
    const from = { connection: './', object: 'in.csv', encoding }
    const config: ConfigInput = { syncs: { copy: { from, to: './b.db#t', mode: 'mirror', key: 'id' } } }
    expect(await world.runOne(config)).toMatchObject({ counts: { inserted: 3 } })
    expect(world.rows('b.db', 'SELECT name FROM t WHERE id = 1')).toEqual([['Ä']])
  })

  test('a glob is one dataset', async () => {
    using world = new World()
    world.write('day-1.csv', 'id,v\n1,a\n')
    world.write('day-2.csv', 'id,v\n2,b\n')
    expect(await world.runOne(copy('./day-*.csv', './b.db#t'))).toMatchObject({ counts: { inserted: 2 } })
  })

  test('mirror, upsert and append bring a CSV file in step', async () => {
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, '')")
    await world.runOne(copy('./a.db#t', './out.csv'))
    expect(readFileSync(world.path('out.csv'), 'utf8')).toBe('id,v\n1,a\n2,b\n3,""\n')
    world.sqlite('a.db', "UPDATE t SET v = 'x' WHERE id = 1", 'DELETE FROM t WHERE id = 2', "INSERT INTO t VALUES (4, 'n')")
    expect((await world.runOne(copy('./a.db#t', './out.csv', 'upsert'))).counts).toMatchObject({ inserted: 1, updated: 1, deleted: 0 })
    expect(readFileSync(world.path('out.csv'), 'utf8')).toBe('id,v\n1,x\n2,b\n3,""\n4,n\n')
    expect((await world.runOne(copy('./a.db#t', './out.csv', 'mirror'))).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 1 })
    expect(readFileSync(world.path('out.csv'), 'utf8')).toBe('id,v\n1,x\n3,""\n4,n\n')
    await world.runOne(copy('./a.db#t', './log.csv', 'append'))
    expect(readFileSync(world.path('log.csv'), 'utf8').split('\n').sort()).toEqual(['', '1,x', '3,""', '4,n', 'id,v'])
  })

  test('a text stays text where a number would lose its shape', async () => {
    using world = new World()
    world.write('in.csv', 'id,zip,big,mixed\n1,01234,1e3,7\n2,00000,20,x\n')
    await world.runOne(copy('./in.csv', './b.db#t'))
    expect(world.rows('b.db', 'SELECT zip, big, mixed FROM t ORDER BY id')).toEqual([
      ['01234', expect.anything(), '7'],
      ['00000', expect.anything(), 'x'],
    ])
  })
})
