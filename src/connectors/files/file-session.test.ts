import { execFileSync } from 'node:child_process'
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  type Cell,
  columnsOf,
  type Folder,
  openFolder,
  openSnapshot,
  rowsOf,
  shownTypes,
  sorted,
  tableOf,
} from '../../../test/files/folder.ts'
import { NotDirectError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { TableRef } from '../../core/table.ts'
import type { WriteSession } from '../connector.ts'

const columns = columnsOf({ id: 'bigint', name: 'text', price: 'decimal(12,2)', ok: 'boolean' })
const ada: readonly Cell[] = ['1', 'Ada, "x"\ny', '1.50', 'true']
const empty: readonly Cell[] = ['2', '', null, 'false']
const none: readonly Cell[] = ['3', null, null, null]
const formats = ['a.csv', 'a.tsv', 'a.csv.gz', 'a.csv.zst', 'a.json', 'a.json.gz', 'a.ndjson', 'a.ndjson.zst', 'a.parquet']

async function begin({ endpoint }: Folder): Promise<WriteSession> {
  if (!endpoint.writer) throw new Error('no writer')
  return await endpoint.writer.begin()
}

async function replace(folder: Folder, ref: TableRef, records: readonly (readonly Cell[])[], of = columns) {
  await using session = await begin(folder)
  const replaced = await session.replace(tableOf(ref, of), rowsOf(of, records))
  await session.commit()
  return replaced
}

async function append(folder: Folder, ref: TableRef, records: readonly (readonly Cell[])[], of = columns) {
  await using session = await begin(folder)
  const count = await session.append(tableOf(ref, of), rowsOf(of, records))
  await session.commit()
  return count
}

const text = async (folder: Folder, name: string) => await readFile(folder.file(name), 'utf8')

describe.each(formats)('%s', (name) => {
  const ref = { name }

  test('is created, replaced and appended to', async () => {
    await using folder = await openFolder()
    expect(await replace(folder, ref, [ada, empty])).toEqual({ rows: 2, former: 0 })
    expect(sorted(await folder.read(ref))).toEqual(sorted([ada, empty]))
    expect(await replace(folder, ref, [none, ada])).toEqual({ rows: 2, former: 2 })
    expect(sorted(await folder.read(ref))).toEqual(sorted([none, ada]))
    expect(await append(folder, ref, [empty])).toBe(1)
    expect(await append(folder, ref, [empty])).toBe(1)
    expect(sorted(await folder.read(ref))).toEqual(sorted([none, ada, empty, empty]))
    expect(await readdir(folder.path)).toEqual([name])
  })

  test('is created by an append', async () => {
    await using folder = await openFolder()
    expect(await append(folder, ref, [ada])).toBe(1)
    expect(await folder.read(ref)).toEqual([ada])
  })

  test('is seen by nobody before the commit, but by its session', async () => {
    await using folder = await openFolder()
    await replace(folder, ref, [ada])
    const before = await readFile(folder.file(name))
    {
      await using session = await begin(folder)
      await session.replace(tableOf(ref, columns), rowsOf(columns, [empty]))
      await session.append(tableOf(ref, columns), rowsOf(columns, [none]))
      const own = await session.snapshot?.()
      if (!own) throw new Error('no snapshot')
      expect(sorted(await folder.readFrom(own, ref))).toEqual(sorted([empty, none]))
      expect(await own.count({ source: { table: ref } })).toBe(2)
      expect(await folder.read(ref)).toEqual([ada])
      expect((await folder.endpoint.listTables()).map((t) => t.name)).toEqual([name])
    }
    expect(await readFile(folder.file(name))).toEqual(before)
    expect(await readdir(folder.path)).toEqual([name])
  })

  test('takes columns in another order, fewer and more', async () => {
    await using folder = await openFolder()
    await replace(folder, ref, [ada])
    await append(folder, ref, [['2.50', '7']], columnsOf({ price: 'decimal(12,2)', id: 'bigint' }))
    expect(sorted(await folder.read(ref, { columns: ['id', 'name', 'price', 'ok'] }))).toEqual(sorted([ada, ['7', null, '2.50', null]]))
    const wider = columnsOf({ id: 'bigint', added: 'text' })
    await using session = await begin(folder)
    expect(await session.ensureTable(tableOf(ref, wider))).toEqual([`add column added to ${name}`])
    await session.append(tableOf(ref, wider), rowsOf(wider, [['8', 'new']]))
    await session.commit()
    expect(Object.keys(shownTypes(await folder.table(ref)))).toEqual(['id', 'name', 'price', 'ok', 'added'])
    expect(sorted(await folder.read(ref))).toEqual(
      sorted([
        [...ada, null],
        ['7', null, '2.50', null, null],
        ['8', null, null, null, 'new'],
      ]),
    )
  })

  test('proves its commit', async () => {
    await using folder = await openFolder()
    await replace(folder, ref, [ada])
    const { writer } = folder.endpoint
    await using session = await begin(folder)
    await session.append(tableOf(ref, columns), rowsOf(columns, [empty]))
    const proof = await session.proof?.()
    if (!proof) throw new Error('no proof')
    expect(JSON.parse(JSON.stringify(proof))).toEqual(proof)
    expect(await writer?.outcome?.(proof)).toBe('rolled back')
    await session.commit()
    expect(await writer?.outcome?.(proof)).toBe('committed')
    await writeFile(folder.file(name), 'something else')
    expect(await writer?.outcome?.(proof)).toBe('unknown')
  })

  test('is left alone where others changed it after it was read', async () => {
    await using folder = await openFolder()
    await replace(folder, ref, [ada])
    await using snapshot = await openSnapshot(folder.endpoint)
    await folder.readFrom(snapshot, ref)
    const others = await readFile(folder.file(name))
    await writeFile(folder.file(name), others)
    await using session = await begin(folder)
    await expect(session.replace(tableOf(ref, columns), rowsOf(columns, [none]))).rejects.toMatchObject({ code: 'TARGET_MOVED' })
    expect(await readFile(folder.file(name))).toEqual(others)
  })

  test('is left alone where others changed it before the commit', async () => {
    await using folder = await openFolder()
    await replace(folder, ref, [ada])
    {
      await using session = await begin(folder)
      await session.replace(tableOf(ref, columns), rowsOf(columns, [none]))
      await utimes(folder.file(name), 1, 1)
      await expect(session.commit()).rejects.toMatchObject({ code: 'TARGET_MOVED' })
    }
    expect(await folder.read(ref)).toEqual([ada])
    expect(await readdir(folder.path)).toEqual([name])
  })

  test('is not overwritten where others created it', async () => {
    await using folder = await openFolder()
    {
      await using snapshot = await openSnapshot(folder.endpoint)
      await expect(folder.readFrom(snapshot, ref)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
      await using session = await begin(folder)
      await session.replace(tableOf(ref, columns), rowsOf(columns, [none]))
      await writeFile(folder.file(name), 'theirs')
      await expect(session.commit()).rejects.toMatchObject({ code: 'TARGET_MOVED' })
    }
    expect(await text(folder, name)).toBe('theirs')
    expect(await readdir(folder.path)).toEqual([name])
  })

  test('is left alone where the rows end in an error', async () => {
    await using folder = await openFolder()
    await replace(folder, ref, [ada])
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('1,x,1.00,true\n')
      throw new Error('the source broke')
    }
    {
      await using session = await begin(folder)
      const rows: Rows = { columns, csv: () => [broken()] }
      await expect(session.replace(tableOf(ref, columns), rows)).rejects.toThrow('the source broke')
      await expect(session.append(tableOf(ref, columns), rows)).rejects.toThrow('the source broke')
    }
    expect(await folder.read(ref)).toEqual([ada])
    expect(await readdir(folder.path)).toEqual([name])
  })
})

describe('what is written', () => {
  test('CSV', async () => {
    await using folder = await openFolder()
    await replace(folder, { name: 'a.csv' }, [ada, empty, none])
    expect(await text(folder, 'a.csv')).toBe('id,name,price,ok\n1,"Ada, ""x""\ny",1.50,true\n2,"",,false\n3,,,\n')
  })

  test('CSV as told', async () => {
    const as = async (options: Record<string, unknown>, records = [ada, empty]) => {
      await using folder = await openFolder()
      await replace(folder, { name: 'a.csv', options }, records)
      expect(sorted(await folder.read({ name: 'a.csv', options }))).toEqual(sorted(records))
      return await readFile(folder.file('a.csv'))
    }
    expect((await as({ delimiter: ';' })).toString()).toBe('id;name;price;ok\n1;"Ada, ""x""\ny";1.50;true\n2;"";;false\n')
    expect((await as({ quote: "'" })).toString()).toBe("id,name,price,ok\n1,'Ada, \"x\"\ny',1.50,true\n2,'',,false\n")
    expect((await as({ header: false })).toString()).toBe('1,"Ada, ""x""\ny",1.50,true\n2,"",,false\n')
    expect((await as({ header: ['id', 'name', 'price', 'ok'] })).toString()).toBe('1,"Ada, ""x""\ny",1.50,true\n2,"",,false\n')
    expect((await as({ null: ['NA', ''] }, [['1', 'NA', null, null]])).toString()).toBe('id,name,price,ok\n1,"NA",NA,NA\n')
    expect((await as({ encoding: 'utf-16le' })).toString('utf16le').slice(0, 4)).toBe('\ufeffid,')
    expect((await as({ encoding: 'utf-16be' })).swap16().toString('utf16le').slice(0, 4)).toBe('\ufeffid,')
    expect((await as({ encoding: 'windows-1252' }, [['1', '€é', null, null]])).toString('latin1')).toBe('id,name,price,ok\n1,\x80é,,\n')
  })

  test('what an encoding or a dialect cannot hold', async () => {
    await using folder = await openFolder()
    const writing = async (options: Record<string, unknown>, record: readonly Cell[]) =>
      await replace(folder, { name: 'a.csv', options }, [record])
    await expect(writing({ encoding: 'windows-1252' }, ['1', '𝄞', null, null])).rejects.toMatchObject({ code: 'CANNOT_HOLD' })
    await expect(writing({ quote: '' }, ['1', 'a,b', null, null])).rejects.toMatchObject({
      code: 'CANNOT_HOLD',
      message: expect.stringContaining('column name'),
    })
    await expect(writing({ encoding: 'gb18030' }, ['1', 'a', null, null])).rejects.toMatchObject({ code: 'BAD_OPTION' })
    expect(await readdir(folder.path)).toEqual([])
  })

  test('JSON and NDJSON', async () => {
    await using folder = await openFolder()
    const of = columnsOf({ id: 'bigint', n: 'decimal', f: 'double', ok: 'boolean', doc: 'json', at: 'timestamptz', raw: 'bytes' })
    const record = ['1', '1.50', 'NaN', 'true', '{"a":\n 1.10}', '2024-01-01 00:00:00+00', '\\xff']
    const none = ['2', null, '1e300', 'false', null, null, null]
    await replace(folder, { name: 'a.json' }, [record, none], of)
    const line = '{"id":1,"n":1.50,"f":"NaN","ok":true,"doc":{"a":  1.10},"at":"2024-01-01 00:00:00+00","raw":"\\\\xff"}'.replace(
      '  ',
      '  ',
    )
    const second = '{"id":2,"n":null,"f":1e300,"ok":false,"doc":null,"at":null,"raw":null}'
    expect(await text(folder, 'a.json')).toBe(`[\n${line},\n${second}\n]\n`)
    await replace(folder, { name: 'a.ndjson' }, [record, none], of)
    expect(await text(folder, 'a.ndjson')).toBe(`${line}\n${second}\n`)
    await replace(folder, { name: 'a.json' }, [], of)
    expect(await text(folder, 'a.json')).toBe('[\n]\n')
    await append(folder, { name: 'a.json' }, [none], of)
    expect(await text(folder, 'a.json')).toBe(`[\n${second}\n]\n`)
  })

  test('compressed', async () => {
    await using folder = await openFolder()
    for (const name of ['a.csv', 'a.csv.gz', 'a.csv.zst']) await replace(folder, { name }, [ada])
    const plain = await readFile(folder.file('a.csv'))
    expect(gunzipSync(await readFile(folder.file('a.csv.gz')))).toEqual(plain)
    expect(zstdDecompressSync(await readFile(folder.file('a.csv.zst')))).toEqual(plain)
  })

  test('Parquet has the types of the columns, and text where it has none', async () => {
    await using folder = await openFolder()
    const of = columnsOf({
      i: 'utinyint',
      d: 'decimal(38,4)',
      b: 'bytes',
      t: 'time',
      z: 'timestamptz',
      j: 'json',
      u: 'uuid',
      big: 'decimal',
      ns: 'timestamp(9)',
    })
    const record = [
      '255',
      '1.5000',
      '\\x00ff',
      '24:00:00',
      '2024-01-01 00:00:00+00',
      '{"a": 1}',
      '0b0e8f0e-0000-4000-8000-000000000001',
      '1e3',
      '2024-01-01 00:00:00.123456789',
    ]
    await replace(folder, { name: 'a.parquet' }, [record], of)
    expect(await folder.read({ name: 'a.parquet' })).toEqual([record])
    expect(shownTypes(await folder.table({ name: 'a.parquet' }))).toEqual({
      i: 'utinyint',
      d: 'decimal(38,4)',
      b: 'bytes',
      t: 'time(6)',
      z: 'timestamptz(6)',
      j: 'json',
      u: 'uuid',
      big: 'text',
      ns: 'text',
    })
  })

  test('a Parquet column with a value that DuckDB cannot hold becomes text, and nothing is lost', async () => {
    await using folder = await openFolder()
    const of = columnsOf({ id: 'bigint', at: 'timestamp', n: 'decimal(10,2)' })
    const records = [
      ['1', '294276-12-31 23:59:59.999999', 'NaN'],
      ['2', '2024-01-01 00:00:00', '1.00'],
    ]
    await replace(folder, { name: 'a.parquet' }, records, of)
    expect(sorted(await folder.read({ name: 'a.parquet' }))).toEqual(sorted(records))
    expect(shownTypes(await folder.table({ name: 'a.parquet' }))).toEqual({ id: 'bigint', at: 'text', n: 'text' })
  })

  test('rows in several streams', async () => {
    await using folder = await openFolder()
    for (const name of ['a.csv', 'a.parquet']) {
      const parts = [[ada], [empty], []].map((records) => rowsOf(columns, records).csv?.(1)[0])
      const rows: Rows = { columns, csv: () => parts.filter((part) => part !== undefined) }
      await using session = await begin(folder)
      expect(await session.append(tableOf({ name }, columns), rows)).toBe(2)
      await session.commit()
      expect(sorted(await folder.read({ name }))).toEqual(sorted([ada, empty]))
    }
  })

  test('rows as a file of the engine that has them', async () => {
    await using folder = await openFolder()
    const rows: Rows = {
      columns,
      async file(path, format) {
        if (format.format !== 'csv') throw new Error('unexpected')
        await writeFile(path, '1,"Ada, ""x""\ny",1.50,true\n')
        return { rows: 1 }
      },
    }
    for (const name of ['a.csv', 'a.json']) {
      await using session = await begin(folder)
      expect(await session.append(tableOf({ name }, columns), rows)).toBe(1)
      await session.commit()
      expect(await folder.read({ name })).toEqual([ada])
    }
  })

  test('rows in no form that a file is written from', async () => {
    await using folder = await openFolder()
    await using session = await begin(folder)
    const rows: Rows = { columns, batches: async function* () {} }
    await expect(session.append(tableOf({ name: 'a.csv' }, columns), rows)).rejects.toBeInstanceOf(NotDirectError)
    await expect(session.append(tableOf({ name: 'a.parquet' }, columns), rows)).rejects.toBeInstanceOf(NotDirectError)
  })
})

describe('appending to a file as it is', () => {
  test.each([
    ['no newline at its end', 'id,name\n1,x', 'id,name\n1,x\n9,new\n'],
    ['CRLF', 'id,name\r\n1,x\r\n', 'id,name\r\n1,x\r\n9,new\r\n'],
    ['a mark', '\ufeffid,name\n1,x\n', '\ufeffid,name\n1,x\n9,new\n'],
    ['another delimiter', 'id;name\n1;x\n', 'id;name\n1;x\n9;new\n'],
    ['single quotes', "id,name\n1,'x'\n", "id,name\n1,'x'\n9,new\n"],
    ['columns in another order', 'name,id\nx,1\n', 'name,id\nx,1\nnew,9\n'],
    ['more columns', 'id,z,name\n1,,x\n', 'id,z,name\n1,,x\n9,,new\n'],
    ['a header alone', 'id,name', 'id,name\n9,new\n'],
    ['nothing', '', 'id,name\n9,new\n'],
  ])('%s', async (_, before, after) => {
    await using folder = await openFolder()
    await folder.put('a.csv', before)
    await append(folder, { name: 'a.csv' }, [['9', 'new']], columnsOf({ id: 'bigint', name: 'text' }))
    expect(await text(folder, 'a.csv')).toBe(after)
  })

  test('UTF-16', async () => {
    await using folder = await openFolder()
    await folder.put('a.csv', Buffer.from('\ufeffid,name\n1,é\n', 'utf16le'))
    await append(folder, { name: 'a.csv' }, [['9', 'ü']], columnsOf({ id: 'bigint', name: 'text' }))
    expect((await readFile(folder.file('a.csv'))).toString('utf16le')).toBe('\ufeffid,name\n1,é\n9,ü\n')
  })

  test('JSON of any layout', async () => {
    await using folder = await openFolder()
    await folder.put('a.json', '[ {"id": 1.0, "tags": ["]"]}\n ]\n\n')
    await append(folder, { name: 'a.json' }, [['9']], columnsOf({ id: 'bigint' }))
    expect(await text(folder, 'a.json')).toBe('[ {"id": 1.0, "tags": ["]"]},\n{"id":9}\n]\n')
  })

  test('replacing keeps the dialect, and the encoding', async () => {
    await using folder = await openFolder()
    await folder.put('a.csv', Buffer.from('\ufeffid;name\n1;é\n', 'utf16le'))
    await replace(folder, { name: 'a.csv' }, [['9', 'ü;']], columnsOf({ id: 'bigint', name: 'text' }))
    expect((await readFile(folder.file('a.csv'))).toString('utf16le')).toBe('\ufeffid;name\n9;"ü;"\n')
  })

  test('a broken file is not appended to', async () => {
    await using folder = await openFolder()
    await folder.put('a.csv', 'id,name\n1\n')
    await expect(append(folder, { name: 'a.csv' }, [['9', 'x']], columnsOf({ id: 'bigint', name: 'text' }))).rejects.toMatchObject({
      code: 'MALFORMED_FILE',
    })
    expect(await text(folder, 'a.csv')).toBe('id,name\n1\n')
  })
})

describe('where it is written', () => {
  test('mode is kept', async () => {
    await using folder = await openFolder()
    await replace(folder, { name: 'a.csv' }, [ada])
    await chmod(folder.file('a.csv'), 0o640)
    await replace(folder, { name: 'a.csv' }, [empty])
    expect((await stat(folder.file('a.csv'))).mode & 0o777).toBe(0o640)
  })

  test('links are followed and stay', async () => {
    await using folder = await openFolder()
    await mkdir(folder.file('real'))
    await replace(folder, { name: 'real/a.csv' }, [ada])
    await symlink('real/a.csv', folder.file('link.csv'))
    await symlink('real/new.csv', folder.file('dangling.csv'))
    await replace(folder, { name: 'link.csv' }, [empty])
    await replace(folder, { name: 'dangling.csv' }, [none])
    expect((await lstat(folder.file('link.csv'))).isSymbolicLink()).toBe(true)
    expect((await lstat(folder.file('dangling.csv'))).isSymbolicLink()).toBe(true)
    expect(await folder.read({ name: 'real/a.csv' })).toEqual([empty])
    expect(await folder.read({ name: 'real/new.csv' })).toEqual([none])
    expect(await readdir(folder.file('real'))).toEqual(['a.csv', 'new.csv'])
  })

  test('a missing folder is made, unless the one above is missing too; it goes with a rollback', async () => {
    await using folder = await openFolder({ missing: true })
    {
      await using session = await begin(folder)
      await session.replace(tableOf({ name: 'a.csv' }, columns), rowsOf(columns, [ada]))
    }
    await expect(stat(folder.path)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(replace(folder, { name: 'sub/a.csv' }, [ada])).rejects.toMatchObject({ code: 'FOLDER_NOT_FOUND' })
    await replace(folder, { name: 'a.csv' }, [ada])
    await replace(folder, { name: 'sub/a.csv' }, [ada])
    expect(await folder.read({ name: 'sub/a.csv' })).toEqual([ada])
  })

  test('a glob is no target', async () => {
    await using folder = await openFolder()
    await expect(replace(folder, { name: '*.csv' }, [ada])).rejects.toMatchObject({ name: 'ConfigError', code: 'GLOB_TARGET' })
  })

  test('a folder in the place of a part of the path', async () => {
    await using folder = await openFolder()
    await folder.put('a.csv', 'x\n')
    await expect(replace(folder, { name: 'a.csv/b.csv' }, [ada])).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })

  test('leftovers of writers that are gone are removed, others stay', async () => {
    await using folder = await openFolder()
    await using session = await begin(folder)
    await session.replace(tableOf({ name: 'a.csv' }, columns), rowsOf(columns, [ada]))
    const [own = ''] = await readdir(folder.path)
    const gone = own.replace(/-\d+-/, '-999999999-')
    const elsewhere = own.replace(/syncline-[0-9a-f]{8}/, 'syncline-00000000')
    for (const name of [gone, elsewhere, '.b.csv.syncline-x.tmp']) await folder.put(name, 'left')
    await append(folder, { name: 'a.csv' }, [ada])
    expect((await readdir(folder.path)).sort()).toEqual(['.b.csv.syncline-x.tmp', elsewhere, own, 'a.csv'].sort())
  })

  test('a full disk', async ({ skip }) => {
    await using folder = await openFolder()
    await folder.put('a.csv', 'id,name,price,ok\n')
    const small = folder.file('small')
    await mkdir(small)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small], { stdio: 'ignore' })
    } catch {
      skip('only root on Linux may mount a small file system')
    }
    try {
      const records = Array.from({ length: 40_000 }, (_, i) => [String(i), 'x'.repeat(40), '1.00', 'true'])
      for (const name of ['small/a.csv', 'small/a.json', 'small/a.parquet', 'small/a.csv.gz']) {
        const large =
          name.endsWith('.csv') || name.endsWith('.json')
            ? records
            : records.map(([id, , ...rest]) => [id ?? null, randomText(60), ...rest])
        await expect(replace(folder, { name }, large), name).rejects.toMatchObject({
          code: 'DISK_FULL',
          message: expect.stringContaining(name),
        })
      }
      expect(await readdir(small)).toEqual([])
    } finally {
      execFileSync('umount', [small])
    }
  })

  test('a file that may not be written, and a folder', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may write everything')
    await using folder = await openFolder()
    await replace(folder, { name: 'a.csv' }, [ada])
    await chmod(folder.file('a.csv'), 0o444)
    await expect(replace(folder, { name: 'a.csv' }, [empty])).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await chmod(folder.path, 0o555)
    await expect(replace(folder, { name: 'b.csv' }, [empty])).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await chmod(folder.path, 0o755)
  })
})

test('an aborted signal stops the write', async () => {
  const stop = new AbortController()
  await using folder = await openFolder({ signal: stop.signal })
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (let i = 0; ; i++) {
      if (i === 3) stop.abort(new Error('stop'))
      yield Buffer.from('1,x,1.00,true\n')
    }
  }
  for (const name of ['a.csv', 'a.json', 'a.parquet']) {
    await using session = await begin(folder)
    await expect(session.replace(tableOf({ name }, columns), { columns, csv: () => [endless()] })).rejects.toThrow('stop')
  }
  expect(await readdir(folder.path)).toEqual([])
})

function randomText(length: number): string {
  return Array.from({ length }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join('')
}
