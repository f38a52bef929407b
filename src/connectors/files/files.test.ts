import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openFolder, openSnapshot, shownTypes } from '../../../test/files/folder.ts'
import { silentLogger } from '../../core/logger.ts'
import { files } from './files.ts'

const real = fileURLToPath(new URL('../../../node_modules/vega-datasets/data', import.meta.url))

function context(baseDirectory: string) {
  return {
    connection: 'desk',
    baseDirectory,
    temporaryDirectory: baseDirectory,
    signal: new AbortController().signal,
    logger: silentLogger,
  }
}

describe('options of the connection', () => {
  test('a path and nothing else', () => {
    expect(files.parseOptions({ path: './data' })).toEqual({ path: './data' })
    expect(() => files.parseOptions({})).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    expect(() => files.parseOptions({ pth: './data' })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION', hint: 'did you mean `path`?' }),
    )
  })

  test('a folder that is not there, nor the one above it', async () => {
    await using folder = await openFolder()
    await expect(files.open({ path: 'no/where' }, context(folder.path))).rejects.toMatchObject({ code: 'FOLDER_NOT_FOUND' })
  })

  test('the path of a file is its folder', async () => {
    await using folder = await openFolder()
    await folder.put('a.csv', 'a,b\n1,2\n')
    await using endpoint = await files.open({ path: 'a.csv' }, context(folder.path))
    expect(await endpoint.describe({ name: 'a.csv' })).toBeDefined()
  })

  test('the summary says what is there', async () => {
    await using folder = await openFolder()
    expect(folder.endpoint.summary).toContain('files in data')
    await using missing = await openFolder({ missing: true })
    expect(missing.endpoint.summary).toContain('created by the first write')
  })
})

describe('options of an object', () => {
  test.each([
    [{ delimeter: ';' }, 'UNKNOWN_OPTION', 'did you mean `delimiter`'],
    [{ colour: 1 }, 'UNKNOWN_OPTION', 'options are format'],
    [{ delimiter: ';;' }, 'BAD_OPTION', undefined],
    [{ delimiter: '"', quote: '"' }, 'BAD_OPTION', undefined],
    [{ quote: 'ab' }, 'BAD_OPTION', undefined],
    [{ header: 'yes' }, 'BAD_OPTION', undefined],
    [{ encoding: 'klingon' }, 'BAD_OPTION', undefined],
    [{ compression: 'rar' }, 'BAD_OPTION', undefined],
    [{ format: 'xml' }, 'BAD_OPTION', undefined],
    [{ null: 7 }, 'BAD_OPTION', undefined],
    [{ columns: ['a'] }, 'BAD_OPTION', undefined],
    [{ columns: { a: 'nonsense' } }, 'UNKNOWN_TYPE', undefined],
  ])('%j', async (options, code, hint) => {
    await using folder = await openFolder()
    await folder.put('a.csv', 'a,b\n1,2\n')
    const error: unknown = await folder.table({ name: 'a.csv', options }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ name: 'ConfigError', code, ...(hint ? { hint: expect.stringContaining(hint) } : {}) })
  })

  test('a name that does not say its format', async () => {
    await using folder = await openFolder()
    await folder.put('a.txt', 'a,b\n1,2\n')
    await expect(folder.table({ name: 'a.txt' })).rejects.toMatchObject({ code: 'UNKNOWN_FORMAT' })
    expect(await folder.read({ name: 'a.txt', options: { format: 'csv' } })).toEqual([['1', '2']])
  })
})

describe('names', () => {
  test('what is not there is undefined, and cannot be read', async () => {
    await using folder = await openFolder()
    expect(await folder.endpoint.describe({ name: 'no.csv' })).toBeUndefined()
    expect(await folder.endpoint.describe({ name: 'no*.csv' })).toBeUndefined()
    await expect(folder.read({ name: 'no.csv' })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', message: 'no.csv does not exist' })
  })

  test('a folder is no file', async () => {
    await using folder = await openFolder()
    await mkdir(folder.file('sub.csv'))
    await expect(folder.table({ name: 'sub.csv' })).rejects.toMatchObject({ code: 'NOT_A_FILE' })
  })

  test.each(['data[1].csv', 'st*r.csv', 'wh?t.csv', 'br{a,b}.csv', 'sp ace.csv', "quo'te.csv", 'ünï.csv', 'a.b.csv'])(
    '%s is a file',
    async (name) => {
      await using folder = await openFolder()
      await folder.put(name, 'a,b\n1,2\n')
      await folder.put('star.csv', 'a,b\n3,4\n')
      await folder.put('data1.csv', 'a,b\n5,6\n')
      expect(await folder.read({ name })).toEqual([['1', '2']])
    },
  )

  test('are listed with folders, by pattern, hidden ones and unknown kinds left out', async () => {
    await using folder = await openFolder()
    for (const name of ['b.csv', 'a.json.gz', 'sub/c.parquet', '.hidden.csv', '.git/d.csv', 'readme.md', 'archive.gz'])
      await folder.put(name, '')
    const names = async (pattern?: string) => (await folder.endpoint.listTables(pattern)).map((ref) => ref.name)
    expect(await names()).toEqual(['a.json.gz', 'b.csv', 'sub/c.parquet'])
    expect(await names('*.csv')).toEqual(['b.csv'])
    expect(await names('sub/*')).toEqual(['sub/c.parquet'])
    expect(await names('?.csv')).toEqual(['b.csv'])
  })

  test('a column that is not there', async () => {
    await using folder = await openFolder()
    await folder.put('a.csv', 'amount,b\n1,2\n')
    await expect(folder.read({ name: 'a.csv' }, { columns: ['amuont'] })).rejects.toMatchObject({
      code: 'UNKNOWN_COLUMN',
      hint: 'did you mean `amount`?',
    })
  })

  test('a file that goes away', async () => {
    await using folder = await openFolder()
    await writeFile(folder.file('a.csv'), 'a,b\n1,2\n')
    await using snapshot = await openSnapshot(folder.endpoint)
    expect(await folder.readFrom(snapshot, { name: 'a.csv' })).toHaveLength(1)
    await rm(folder.file('a.csv'))
    await expect(folder.readFrom(snapshot, { name: 'a.csv' })).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
  })
})

describe('adopting columns', () => {
  test.each([
    ['a.csv', { kind: 'decimal' }, { kind: 'decimal' }],
    ['a.json', { kind: 'timestamp', precision: 9 }, { kind: 'timestamp', precision: 9 }],
    ['a.csv', { kind: 'text', length: 5 }, { kind: 'text' }],
    ['a.parquet', { kind: 'decimal', precision: 38, scale: 2 }, { kind: 'decimal', precision: 38, scale: 2 }],
    ['a.parquet', { kind: 'decimal' }, { kind: 'text' }],
    ['a.parquet', { kind: 'other' }, { kind: 'text' }],
    ['a.parquet', { kind: 'timestamp', precision: 9 }, { kind: 'text' }],
    ['a.parquet', { kind: 'timestamptz', precision: 3 }, { kind: 'timestamptz', precision: 6 }],
    ['a.parquet', { kind: 'json' }, { kind: 'json' }],
  ] as const)('%s holds %j as %j', async (name, type, held) => {
    await using folder = await openFolder()
    expect(folder.endpoint.adopt({ name: 'v', type, nullable: true }, { name }).type).toEqual(held)
  })
})

describe('real files', () => {
  test('every CSV, JSON and Parquet file of vega-datasets is read whole, or refused with the reason', async () => {
    await using folder = await openFolder()
    await using endpoint = await files.open({ path: real }, context(folder.path))
    const refused: string[] = []
    const counts: Record<string, number> = {}
    for (const ref of await endpoint.listTables()) {
      try {
        await using snapshot = await openSnapshot(endpoint)
        const rows = await folder.land(
          await snapshot.read({ source: { table: ref }, ...(ref.name.endsWith('3m.parquet') ? { limit: 1000 } : {}) }),
        )
        counts[ref.name] = rows.length
        if (ref.name.endsWith('.json')) expect(rows.length, ref.name).toBe(JSON.parse(await readFile(`${real}/${ref.name}`, 'utf8')).length)
        if (!ref.name.endsWith('3m.parquet')) expect(await snapshot.count({ source: { table: ref } }), ref.name).toBe(rows.length)
      } catch (error) {
        expect(error, ref.name).toMatchObject({
          code: 'MALFORMED_FILE',
          message: expect.stringContaining('expected an array of objects, found an object'),
        })
        refused.push(ref.name)
      }
    }
    // Documents, GeoJSON and TopoJSON.
    expect(refused).toEqual([
      'annual-precip.json',
      'earthquakes.json',
      'londonBoroughs.json',
      'londonTubeLines.json',
      'miserables.json',
      'us-10m.json',
      'volcano.json',
      'world-110m.json',
    ])
    expect(counts).toMatchObject({
      'airports.csv': 3376,
      'cars.json': 406,
      'global-temp.csv': 144,
      'unemployment.tsv': 3218,
      'zipcodes.csv': 42_049,
    })
  }, 60_000)

  test('their types', async () => {
    await using endpoint = await files.open({ path: real }, context(real))
    const types = async (name: string) =>
      shownTypes((await endpoint.describe({ name })) ?? { ref: { name }, kind: 'file', columns: [], key: [], uniques: [] })
    expect(await types('stocks.csv')).toEqual({ symbol: 'untyped', date: 'untyped', price: 'untyped' })
    expect(await types('monarchs.json')).toEqual({
      name: 'text',
      start: 'untyped',
      end: 'untyped',
      index: 'untyped',
      commonwealth: 'boolean',
    })
    expect(await types('flights-3m.parquet')).toEqual({
      date: 'timestamp(6)',
      delay: 'bigint',
      distance: 'bigint',
      origin: 'text',
      destination: 'text',
    })
  })
})
