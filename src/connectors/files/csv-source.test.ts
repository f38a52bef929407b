import { appendFile, writeFile } from 'node:fs/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openFolder, openSnapshot, shownTypes, sorted } from '../../../test/files/folder.ts'
import { NotDirectError } from '../../core/errors.ts'

/** Names, rows by the relation and rows by the `csv` form of one file. */
async function taken(content: string | Uint8Array, options: Record<string, unknown> = {}, name = 'a.csv') {
  await using folder = await openFolder()
  await folder.put(name, content)
  const ref = { name, options }
  const names = (await folder.table(ref)).columns.map((c) => c.name)
  return { names, rows: sorted(await folder.read(ref)) }
}

async function bytes(content: string | Uint8Array, options: Record<string, unknown> = {}, name = 'a.csv') {
  await using folder = await openFolder()
  await folder.put(name, content)
  return await folder.bytes({ name, options })
}

async function failure(content: string | Uint8Array, options: Record<string, unknown> = {}, name = 'a.csv') {
  return await taken(content, options, name).then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('what CSV means', () => {
  test.each([
    ['commas in quotes', 'a,b\n1,"x, y"\n', [['1', 'x, y']]],
    [
      'unquoted empty is NULL, quoted empty is text',
      'a,b,c\n1,"",\n,,""\n',
      [
        ['1', '', null],
        [null, null, ''],
      ],
    ],
    [
      'quotes in quotes',
      'a,b\n1,"ha ""ha"" ha"\n3,""""\n',
      [
        ['1', 'ha "ha" ha'],
        ['3', '"'],
      ],
    ],
    [
      'newlines in quotes',
      'a,b\n1,"x\ny"\n"p\r\nq",r\n',
      [
        ['1', 'x\ny'],
        ['p\r\nq', 'r'],
      ],
    ],
    ['json in quotes', 'key,val\n1,"{""type"": ""Point"", ""c"": [102.0, 0.5]}"\n', [['1', '{"type": "Point", "c": [102.0, 0.5]}']]],
    [
      'no newline at the end',
      'a,b\n1,2\n3,4',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'CRLF',
      'a,b\r\n1,2\r\n3,"4\r\n"\r\n',
      [
        ['1', '2'],
        ['3', '4\r\n'],
      ],
    ],
    [
      'CR alone',
      'a,b\r1,2\r3,4\r',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'newlines of several kinds',
      'a,b\r\n1,2\n3,4\r5,6\n',
      [
        ['1', '2'],
        ['3', '4'],
        ['5', '6'],
      ],
    ],
    [
      'blank lines',
      '\n\na,b\n\n1,2\n\n3,4\n\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['blanks belong to the text', 'a,b\n 1 , x\n', [[' 1 ', ' x']]],
    ['a quote within an unquoted field stands for itself', 'a,b\n1,5" pipe\n', [['1', '5" pipe']]],
    [
      'utf-8',
      'a,b\n1,ʤ\n2,𝄞\n',
      [
        ['1', 'ʤ'],
        ['2', '𝄞'],
      ],
    ],
    ['a line that would end COPY', 'a,b\n\\.,1\n', [['\\.', '1']]],
    ['leading zeros and plus signs', 'a,b\n007,+1\n', [['007', '+1']]],
    ['a comment sign', 'a,b\n#1,2\n', [['#1', '2']]],
    ['a header alone', 'a,b\n', []],
    ['a header alone without a newline', 'a,b', []],
  ])('%s', async (_, content, rows) => {
    const found = await taken(content)
    expect(found.rows).toEqual(sorted(rows))
    expect(found.names).toHaveLength(rows[0]?.length ?? 2)
  })

  test('columns are untyped', async () => {
    await using folder = await openFolder()
    await folder.put('a.csv', 'id,name\n1,x\n')
    expect(shownTypes(await folder.table({ name: 'a.csv' }))).toEqual({ id: 'untyped', name: 'untyped' })
  })

  test('a single column: a blank line is NULL, and quotes are empty text', async () => {
    expect((await taken('a\n1\n\n""\n')).rows).toEqual(sorted([['1'], [null], ['']]))
  })

  test('an empty file has no columns and no rows', async () => {
    expect(await taken('')).toEqual({ names: [], rows: [] })
  })

  test('lines longer than any default', async () => {
    const long = 'x'.repeat(5_000_000)
    expect((await taken(`a,b\n1,${long}\n2,"${long}\n"\n`)).rows).toEqual([
      ['1', long],
      ['2', `${long}\n`],
    ])
  })

  test('rows in quotes are no rows, however many threads read', async () => {
    const inner = '1,2\n'.repeat(300)
    const content = `a,b\n${Array.from({ length: 9000 }, (_, i) => `${i},"x\n${inner}"\n`).join('')}`
    const { rows } = await taken(content)
    expect(rows).toHaveLength(9000)
    expect(new Set(rows.map((row) => row[1]))).toEqual(new Set([`x\n${inner}`]))
  })
})

describe('the dialect', () => {
  test.each([
    [';', 'a;b\n1,5;"x;y"\n'],
    ['\t', 'a\tb\n1,5\t"x\ty"\n'],
    ['|', 'a|b\n1,5|"x|y"\n'],
  ])('the delimiter %j is found', async (delimiter, content) => {
    expect(await taken(content)).toEqual({ names: ['a', 'b'], rows: [['1,5', `x${delimiter}y`]] })
  })

  test('single quotes are found', async () => {
    expect((await taken("a,b\n1,'x, y'\n2,'it''s'\n")).rows).toEqual([
      ['1', 'x, y'],
      ['2', "it's"],
    ])
  })

  test('.tsv is separated by tabs, whatever it holds', async () => {
    expect(await taken('a\n1,2\n', {}, 'a.tsv')).toEqual({ names: ['a'], rows: [['1,2']] })
  })

  test('a file without a header is known by values on top', async () => {
    expect(await taken('1,Ada\n2,Bob\n')).toEqual({
      names: ['column1', 'column2'],
      rows: [
        ['1', 'Ada'],
        ['2', 'Bob'],
      ],
    })
  })

  test('years in a header are names', async () => {
    expect((await taken('country,2019,2020\nDE,1,2\nFR,3,4\n')).names).toEqual(['country', '2019', '2020'])
  })

  test('header: false, true and names', async () => {
    expect(await taken('x,y\n1,2\n', { header: false })).toEqual({
      names: ['column1', 'column2'],
      rows: sorted([
        ['x', 'y'],
        ['1', '2'],
      ]),
    })
    expect(await taken('1,2\n3,4\n', { header: true })).toEqual({ names: ['1', '2'], rows: [['3', '4']] })
    expect(await taken('x,y\n', { header: ['p', 'q'] })).toEqual({ names: ['p', 'q'], rows: [['x', 'y']] })
  })

  test('a column without a name gets one by its place', async () => {
    expect((await taken(',a\n0,x\n')).names).toEqual(['column1', 'a'])
  })

  test('delimiter and quote as told', async () => {
    expect((await taken('a,b;c\n1,2;3\n', { delimiter: ';' })).rows).toEqual([['1,2', '3']])
    expect((await taken('a,b\n"1",2\n', { quote: '' })).rows).toEqual([['"1"', '2']])
    expect((await taken('a\tb\n1\t2\n', { format: 'tsv' }, 'a.txt')).rows).toEqual([['1', '2']])
  })

  test('null: texts that mean NULL, unquoted only', async () => {
    const content = 'a,b\nNA,"NA"\n,\\N\n'
    expect((await taken(content, { null: ['NA', '\\N'] })).rows).toEqual(
      sorted([
        [null, 'NA'],
        ['', null],
      ]),
    )
    expect((await taken(content, { null: 'NA' })).rows).toEqual(
      sorted([
        [null, 'NA'],
        ['', '\\N'],
      ]),
    )
  })

  test('columns: types that are not left to others', async () => {
    await using folder = await openFolder()
    await folder.put('a.csv', 'id,day,x\n1,2024-01-31,7\n')
    const ref = { name: 'a.csv', options: { columns: { id: 'bigint', day: 'date' } } }
    expect(shownTypes(await folder.table(ref))).toEqual({ id: 'bigint', day: 'date', x: 'untyped' })
    expect(await folder.read(ref)).toEqual([['1', '2024-01-31', '7']])
  })

  test('columns: a column that is not there', async () => {
    const error = await failure('id,amount\n1,2\n', { columns: { amuont: 'bigint' } })
    expect(error).toMatchObject({ code: 'UNKNOWN_COLUMN', hint: 'did you mean `amount`?' })
  })
})

describe('encodings', () => {
  const text = 'a,b\n1,Ärger €\n2,"x\ny"\n'
  const rows = [
    ['1', 'Ärger €'],
    ['2', 'x\ny'],
  ]
  const swapped = (buffer: Buffer) => Buffer.from(buffer).swap16()

  test.each([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), {}],
    ['UTF-16LE with a mark', Buffer.from(`\ufeff${text}`, 'utf16le'), {}],
    ['UTF-16BE with a mark', swapped(Buffer.from(`\ufeff${text}`, 'utf16le')), {}],
    ['UTF-16LE with a mark, named', Buffer.from(`\ufeff${text}`, 'utf16le'), { encoding: 'utf-16le' }],
    ['UTF-16BE with a mark, named in general', swapped(Buffer.from(`\ufeff${text}`, 'utf16le')), { encoding: 'utf-16' }],
    ['UTF-16LE without a mark', Buffer.from(text, 'utf16le'), { encoding: 'utf-16le' }],
    ['UTF-16BE without a mark', swapped(Buffer.from(text, 'utf16le')), { encoding: 'UTF-16BE' }],
    ['UTF-16LE without a mark and unnamed', Buffer.from(text, 'utf16le'), {}],
    ['windows-1252', Buffer.from(text.replace('€', '\x80'), 'latin1'), { encoding: 'windows-1252' }],
    ['iso-8859-15', Buffer.from(text.replace('€', '\xa4'), 'latin1'), { encoding: 'iso-8859-15' }],
  ])('%s', async (_, content, options) => {
    expect(await taken(content, options)).toEqual({ names: ['a', 'b'], rows })
    expect(await bytes(content, options)).toBe('1,Ärger €\n2,"x\ny"\n')
  })

  test('latin1', async () => {
    expect((await taken(Buffer.from('a,b\n1,é\n', 'latin1'), { encoding: 'latin1' })).rows).toEqual([['1', 'é']])
  })

  test('bytes that are no text name file and line', async () => {
    const broken = Buffer.concat([Buffer.from('a,b\n1,x\n2,'), Buffer.of(0xe9), Buffer.from('\n3,y\n')])
    expect(await failure(broken)).toMatchObject({ code: 'MALFORMED_FILE', message: expect.stringContaining('a.csv, line 3') })
    expect(await failure(broken)).toMatchObject({ message: expect.stringContaining('UTF-8') })
    const half = Buffer.concat([Buffer.from('a,b\n1,x\n', 'utf16le'), Buffer.of(0x00, 0xd8, 0x20, 0x00)])
    expect(await failure(half, { encoding: 'utf-16le' })).toMatchObject({
      code: 'MALFORMED_FILE',
      message: expect.stringContaining('utf-16le'),
    })
  })
})

describe('compression', () => {
  const text = `a,b\n${'1,2\n'.repeat(5000)}`

  test.each([
    ['gzip', 'a.csv.gz', gzipSync(text)],
    ['gzip of several members', 'a.csv.gz', Buffer.concat([gzipSync('a,b\n1,2\n'), gzipSync(text.slice(8))])],
    ['zstd', 'a.csv.zst', zstdCompressSync(text)],
    ['zstd of several frames', 'a.csv.zst', Buffer.concat([zstdCompressSync('a,b\n1,2\n'), zstdCompressSync(text.slice(8))])],
  ])('%s', async (_, name, content) => {
    expect((await taken(content, {}, name)).rows).toHaveLength(5000)
    expect(await bytes(content, {}, name)).toBe(text.slice(4))
  })

  test('named where the name does not tell', async () => {
    expect((await taken(gzipSync(text), { format: 'csv', compression: 'gzip' }, 'a.bin')).rows).toHaveLength(5000)
  })

  test.each([
    ['gzip', 'a.csv.gz', gzipSync(text)],
    ['zstd', 'a.csv.zst', zstdCompressSync(text)],
  ])('%s that is cut short is never taken for whole', async (_, name, content) => {
    for (const missing of [1, 4, 5, 9, 12, Math.floor(content.length / 2), content.length]) {
      const error = await failure(content.subarray(0, content.length - missing), {}, name)
      expect(error, `${missing} bytes missing`).toMatchObject({ code: 'TRUNCATED_FILE', message: expect.stringContaining(name) })
    }
  })

  test.each([
    ['gzip', 'a.csv.gz', gzipSync(text)],
    ['zstd', 'a.csv.zst', Buffer.concat([zstdCompressSync(text), Buffer.from('not a frame')])],
    ['no gzip at all', 'a.csv.gz', Buffer.from(text)],
  ])('%s that is damaged', async (_, name, content) => {
    const damaged = Buffer.from(content)
    damaged.writeUInt8((damaged.at(-6) ?? 0) ^ 0xff, damaged.length - 6)
    expect(await failure(damaged, {}, name)).toMatchObject({ code: 'DAMAGED_FILE' })
  })
})

describe('structural errors fail the run and name file and line', () => {
  test.each([
    ['too many fields', 'a,b\n1,2\n1,2,3\n', 3, 'expected 2 fields, found 3'],
    ['one empty field too many', 'a,b\n1,2\nx,y,\n', 3, 'expected 2 fields, found 3'],
    ['too few fields', 'a,b\n1,2\n\n1\n', 4, 'expected 2 fields, found 1'],
    ['an open quote', 'a,b\n1,2\n3,"4\n5,6\n', 3, 'never closed'],
    ['an open quote in the last field', 'a,b\n1,"', 2, 'never closed'],
    ['text after a closing quote', 'a,b\n1,"2"x\n', 2, 'closing quote'],
    ['lines after a newline in quotes', 'a,b\n"1\n\n",2\n3\n', 5, 'found 1'],
  ])('%s', async (_, content, line, what) => {
    const error = await failure(content)
    expect(error).toMatchObject({ code: 'MALFORMED_FILE', message: expect.stringContaining(`a.csv, line ${line}:`) })
    expect(error).toMatchObject({ message: expect.stringContaining(what) })
    await expect(bytes(content)).rejects.toMatchObject({ code: 'MALFORMED_FILE' })
  })

  test('deep in a file of many chunks', async () => {
    const good = '1,2\n'.repeat(800_000)
    expect(await failure(`a,b\n${good}1,2,3\n${good}`)).toMatchObject({ message: expect.stringContaining('line 800002:') })
  })

  test('in a compressed file', async () => {
    expect(await failure(gzipSync('a,b\n1\n'), {}, 'a.csv.gz')).toMatchObject({ message: expect.stringContaining('a.csv.gz, line 2:') })
  })

  test('names that are there twice', async () => {
    expect(await failure('id,x,id\n1,2,3\n')).toMatchObject({ message: expect.stringContaining('columns 1 and 3 are both named `id`') })
    expect(await failure('id,ID\n1,2\n')).toMatchObject({ message: expect.stringContaining('differ in case only') })
  })

  test('no message holds a value', async () => {
    expect(String(await failure('a,b\nsecret,2,3\n'))).not.toContain('secret')
  })
})

describe('the csv form', () => {
  test('is the bytes as they lie, header left out, the last line ended', async () => {
    expect(await bytes('a,b\n1,"x ""y"""\n,""')).toBe('1,"x ""y"""\n,""\n')
  })

  test('has LF between records and keeps what is in quotes', async () => {
    expect(await bytes('a,b\r\n1,"x\r\ny"\r\n\r\n2,z')).toBe('1,"x\r\ny"\n2,z\n')
    expect(await bytes('a,b\r1,2\r')).toBe('1,2\n')
  })

  test.each([
    ['another delimiter', 'a;b\n1;2\n', {}],
    ['another quote', "a,b\n1,'2,3'\n", {}],
    ['other texts for NULL', 'a,b\n1,2\n', { null: ['NA'] }],
    ['types', 'a,b\n1,2\n', { columns: { a: 'bigint' } }],
    ['a single column', 'a\n1\n', {}],
  ])('is absent with %s', async (_, content, options) => {
    await expect(bytes(content, options)).rejects.toThrow('no csv')
  })

  test('is absent for some columns and for a limit', async () => {
    await using folder = await openFolder()
    await folder.put('a.csv', 'a,b\n1,2\n3,4\n')
    await using snapshot = await openSnapshot(folder.endpoint)
    for (const part of [{ columns: ['b', 'a'] }, { columns: ['a'] }, { limit: 1 }]) {
      expect((await snapshot.read({ source: { table: { name: 'a.csv' } }, ...part })).csv).toBeUndefined()
    }
    expect(await folder.read({ name: 'a.csv' }, { columns: ['b', 'a'] })).toEqual([
      ['2', '1'],
      ['4', '3'],
    ])
  })

  test('goes by the stage where readers differ', async () => {
    await expect(bytes('a,b\n1,5" pipe\n')).rejects.toBeInstanceOf(NotDirectError)
  })

  test('has no blanks around quotes', async () => {
    const content = 'a, "b"\n1,  "2,3"  \n "" ,x\n'
    expect(await bytes(content)).toBe('1,"2,3"\n"",x\n')
    expect(await taken(content)).toEqual({
      names: ['a', 'b'],
      rows: sorted([
        ['1', '2,3'],
        ['', 'x'],
      ]),
    })
  })
})

describe('several files', () => {
  test('are one dataset in name order', async () => {
    await using folder = await openFolder()
    await folder.put('2.csv', 'a,b\r\n3,4\r\n')
    await folder.put('1.csv', 'a,b\n1,"x\ny"')
    await folder.put('10.csv', 'a,b\n')
    await folder.put('.hidden.csv', 'a,b\n9,9\n')
    const ref = { name: '*.csv' }
    expect(await folder.bytes(ref)).toBe('1,"x\ny"\n3,4\n')
    expect(sorted(await folder.read(ref))).toEqual([
      ['1', 'x\ny'],
      ['3', '4'],
    ])
    await using snapshot = await openSnapshot(folder.endpoint)
    expect(await snapshot.count({ source: { table: ref } })).toBe(2)
  })

  test('in folders, compressed or not', async () => {
    await using folder = await openFolder()
    await folder.put('2024/a.csv', 'a,b\n1,2\n')
    await folder.put('2025/b.csv.gz', gzipSync('a,b\n3,4\n'))
    expect(sorted(await folder.read({ name: '**/*.csv*' }))).toEqual([
      ['1', '2'],
      ['3', '4'],
    ])
  })

  test.each([
    ['other names', 'a,c\n1,2\n', 'it lacks b; it adds c'],
    ['another order', 'b,a\n1,2\n', 'their order is b, a'],
    ['a column less', 'a\n1\n', 'it lacks b'],
    ['no header', '', 'it lacks a, b'],
  ])('with %s are an error', async (_, content, what) => {
    await using folder = await openFolder()
    await folder.put('1.csv', 'a,b\n1,2\n')
    await folder.put('2.csv', content)
    const describing = folder.table({ name: '?.csv' })
    await expect(describing).rejects.toMatchObject({ code: 'MALFORMED_FILE', message: expect.stringContaining(what) })
    await expect(describing).rejects.toMatchObject({ message: expect.stringContaining('2.csv') })
  })

  test('of several formats are an error', async () => {
    await using folder = await openFolder()
    await folder.put('1.csv', 'a,b\n1,2\n')
    await folder.put('2.json', '[]')
    await expect(folder.table({ name: '*' })).rejects.toMatchObject({ code: 'MIXED_FORMATS' })
  })
})

describe('a source that changes', () => {
  test('between two reads of one snapshot', async () => {
    await using folder = await openFolder()
    await folder.put('a.csv', 'a,b\n1,2\n')
    await using snapshot = await openSnapshot(folder.endpoint)
    const ref = { name: 'a.csv' }
    expect(await folder.readFrom(snapshot, ref)).toHaveLength(1)
    await appendFile(folder.file('a.csv'), '3,4\n')
    await expect(folder.readFrom(snapshot, ref)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
    await expect(snapshot.count({ source: { table: ref } })).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
    expect(await folder.read(ref)).toHaveLength(2)
  })

  test('while its bytes are read', async () => {
    await using folder = await openFolder()
    await folder.put('a.csv', 'a,b\n1,2\n')
    await using snapshot = await openSnapshot(folder.endpoint)
    const rows = await snapshot.read({ source: { table: { name: 'a.csv' } } })
    await writeFile(folder.file('a.csv'), 'a,b\n1,3\n')
    const drain = async () => {
      for (const stream of rows.csv?.(1) ?? []) for await (const _ of stream);
    }
    await expect(drain()).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
  })

  test('while its relation is in use', async () => {
    await using folder = await openFolder()
    await folder.put('a.csv', 'a,b\n1,2\n')
    await using snapshot = await openSnapshot(folder.endpoint)
    const rows = await snapshot.read({ source: { table: { name: 'a.csv' } } })
    const relation = await rows.relation?.()
    await appendFile(folder.file('a.csv'), '3,4\n')
    await expect(relation?.release()).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
    await expect(relation?.release()).resolves.toBeUndefined()
  })
})

test('a limit reads no further than it has to', async () => {
  await using folder = await openFolder()
  await folder.put('a.csv', `a,b\n${'1,2\n'.repeat(10)}${'3,4\n'.repeat(600_000)}broken\n`)
  expect(await folder.read({ name: 'a.csv' }, { limit: 3 })).toEqual([
    ['1', '2'],
    ['1', '2'],
    ['1', '2'],
  ])
  expect(await folder.read({ name: 'a.csv' }, { limit: 0 })).toEqual([])
})

test('where, cursor and keys are left to the stage', async () => {
  await using folder = await openFolder()
  await folder.put('a.csv', 'a,b\n1,2\n')
  await using snapshot = await openSnapshot(folder.endpoint)
  const source = { table: { name: 'a.csv' } }
  expect([...snapshot.pushdown].sort()).toEqual(['columns', 'limit'])
  await expect(snapshot.read({ source, where: 'a = 1' })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
  await expect(snapshot.read({ source, cursor: { column: 'a', from: '1' } })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
  await expect(snapshot.read({ source: { query: 'select 1' } })).rejects.toMatchObject({ code: 'NO_QUERIES' })
})

test('temporary files go with the relation and the endpoint', async () => {
  const { readdir } = await import('node:fs/promises')
  await using folder = await openFolder()
  await folder.put('a.csv.gz', gzipSync('a,b\n1,2\n'))
  await using snapshot = await openSnapshot(folder.endpoint)
  const relation = await (await snapshot.read({ source: { table: { name: 'a.csv.gz' } } })).relation?.()
  const temporary = `${folder.path}/../temporary`
  expect((await readdir(temporary)).filter((name) => name.endsWith('.csv'))).toHaveLength(1)
  await relation?.release()
  expect((await readdir(temporary)).filter((name) => name.endsWith('.csv'))).toHaveLength(0)
})
