import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { ConfigError, RetryableError, RunError } from '../../core/errors.ts'
import { parseOptions } from './options.ts'
import { sqlite } from './sqlite.ts'
import { contextOf, rowsOf, TestFile } from './testing.ts'

test.each([{}, { path: 7 }, { path: 'a.db', readonly: 'yes' }, { path: 'a.db', journal: 'wal' }])(
  'options %j name the bad field',
  (input) => {
    expect(() => parseOptions(input)).toThrow(ConfigError)
  },
)

test('a file that is not there fails the read, and no file comes of it', async () => {
  await using file = await TestFile.open()
  await expect(file.read({ source: { table: { name: 't' } } })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  expect(existsSync(file.path)).toBe(false)
})

test('a session that is abandoned leaves no new file behind', async () => {
  await using file = await TestFile.open()
  {
    await using session = await file.endpoint.writer?.begin()
    await session?.ensureTable({
      ref: { name: 't' },
      kind: 'table',
      columns: [{ name: 'a', type: { kind: 'text' }, nullable: true }],
      key: [],
      uniques: [],
    })
  }
  expect(existsSync(file.path)).toBe(false)
})

test('a file that is no database is told so', async () => {
  await using file = await TestFile.open()
  await writeFile(
    join(file.directory, 'test.db'),
    'this is a text and no database, long enough to have a header of a hundred bytes or more, as it must be',
  )
  await expect(sqlite.open({ path: 'test.db', readonly: false }, contextOf(file.directory))).rejects.toMatchObject({
    code: 'NOT_A_DATABASE',
  })
})

test('a table or a folder that is not there is named', async () => {
  await using file = await TestFile.open('create table t (a)')
  await expect(file.read({ source: { table: { name: 'T' } } })).rejects.toThrow(/no table `T`/)
  const elsewhere = await sqlite.open({ path: 'no/such/folder.db', readonly: false }, contextOf(file.directory))
  await expect(elsewhere.writer?.begin()).rejects.toMatchObject({ code: 'CANNOT_OPEN' })
})

test('a read-only connection has no writer', async () => {
  await using file = await TestFile.open('create table t (a)')
  const endpoint = await sqlite.open({ path: 'test.db', readonly: true }, contextOf(file.directory))
  expect(endpoint.writer).toBeUndefined()
})

test('a lock that others keep can be waited for, and stopped waiting for', async () => {
  await using file = await TestFile.open('create table t (a)')
  using others = new DatabaseSync(file.path)
  others.exec('begin immediate')
  setTimeout(() => others.exec('commit'), 50)
  await file.write(async () => {})
  others.exec('begin immediate')
  const stop = new AbortController()
  const endpoint = await sqlite.open({ path: 'test.db', readonly: false }, { ...contextOf(file.directory), signal: stop.signal })
  setTimeout(() => stop.abort(new RetryableError({ code: 'STOPPED', message: 'stopped by the test' })), 50)
  await expect(endpoint.writer?.begin()).rejects.toThrow()
})

test('with a write-ahead log, which stays as it was found, a snapshot shows one moment while others write', async () => {
  await using file = await TestFile.open('pragma journal_mode = wal', 'create table t (a integer)', 'insert into t values (1)')
  const endpoint = await sqlite.open({ path: 'test.db', readonly: false }, contextOf(file.directory))
  expect(endpoint.traits.readsDuringWrite).toBe(true)
  await using view = await endpoint.reader?.snapshot()
  const table = await file.table('t')
  await file.write((session) => session.append(table, rowsOf(table.columns, [[2n]])))
  expect(await view?.count({ source: { table: table.ref } })).toBe(1)
  expect(file.all('pragma journal_mode')).toEqual([['wal']])
})

test('foreign keys that a commit would break are named by table', async () => {
  await using file = await TestFile.open('create table t (id integer primary key)', 'create table child (t_id integer references t (id))')
  const table = await file.table('child')
  const writing = file.write((session) => session.append(table, rowsOf(table.columns, [[7n]])))
  await expect(writing).rejects.toBeInstanceOf(RunError)
  await expect(writing).rejects.toThrow(/child → t/)
  expect(file.all('select count(*) from child')).toEqual([[0]])
})
