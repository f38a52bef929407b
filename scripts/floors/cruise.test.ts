import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { cruiseFloors } from './cruise.ts'
import { forbidden } from './rules.ts'

/** One breach of each rule: a file, what it says, and the rule it breaks. */
const faults: readonly (readonly [file: string, text: string, rule: string])[] = [
  ['core/types-only.ts', `import type { A } from '../state/a.ts'; export type B = A`, 'floor: core'],
  ['core/node.ts', `export { readFileSync } from 'node:fs'`, 'core stands alone'],
  ['core/package.ts', `export { z } from 'zod'`, 'core stands alone'],
  ['core/gone.ts', `export { gone } from './nowhere.ts'`, 'nothing unresolved'],
  ['core/about.ts', `import './about.ts'`, 'no cycles'],
  ['core/tested.ts', `import './a.test.ts'`, 'no tests in the product'],
  [
    'core/using.ts',
    `export async function f(a: AsyncDisposable) { await using b = a; await import('../state/a.ts'); return b }`,
    'floor: core',
  ],
  ['duckdb/up.ts', `export type { A } from '../connectors/connector.ts'`, 'floor: duckdb'],
  ['config/up.ts', `export { a } from '../state/a.ts'`, 'floor: config'],
  ['connectors/connector.ts', `import '../state/a.ts'; export type A = 1`, 'floor: connectors/connector.ts'],
  ['connectors/sql/up.ts', `import '../../state/a.ts'`, 'floor: connectors/sql'],
  ['connectors/registry.ts', `import '../state/a.ts'`, 'floor: connectors/registry.ts'],
  ['connectors/sqlite/sideways.ts', `export async function f() { await import('../postgres/a.ts') }`, 'connectors stay apart'],
  ['connectors/sqlite/engine.ts', `import '../../duckdb/a.ts'`, 'engine: few know it'],
  ['stage/sideways.ts', `import '../state/a.ts'`, 'floor: stage'],
  ['state/sideways.ts', `import type { A } from '../stage/a.ts'; export type B = A`, 'floor: state'],
  ['sync/down.ts', `import '../connectors/registry.ts'`, 'floor: sync'],
  ['app.ts', `import './connectors/postgres/a.ts'`, 'floor: app.ts'],
  ['app/wiring.ts', `import '../connectors/postgres/a.ts'`, 'floor: app'],
  ['cli/down.ts', `import '../sync/down.ts'`, 'floor: cli'],
  ['bin.ts', `import './state/a.ts'`, 'floor: bin.ts'],
  ['index.ts', `export { a } from './state/a.ts'`, 'floor: index.ts'],
  ['helpers/anything.ts', `import '../core/a.ts'`, 'every file has its floor'],
  ['cli/duckdb.ts', `export { DuckDBInstance } from '@duckdb/node-api'`, 'home: @duckdb'],
  ['sync/pg.ts', `import type { Client } from 'pg'; export type A = Client`, 'home: pg'],
  ['sync/copy.ts', `export { from } from 'pg-copy-streams'`, 'home: pg-copy-streams'],
  ['cli/kysely.ts', `export { Kysely } from 'kysely'`, 'home: kysely'],
  ['state/commander.ts', `export { Command } from 'commander'`, 'home: commander'],
  ['state/yaml.ts', `export { parse } from 'yaml'`, 'home: yaml'],
  ['sync/mysql.ts', `export { createConnection } from 'mysql2'`, 'home: mysql2'],
  ['sync/tds.ts', `export { Connection } from 'tedious'`, 'home: tedious'],
  ['app/http.ts', `export { fetch } from 'undici'`, 'home: undici'],
  ['config/xml.ts', `export { SaxesParser } from 'saxes'`, 'home: saxes'],
  ['stage/zip.ts', `export { openPromise } from 'yauzl'`, 'home: yauzl'],
  ['stage/books.ts', `export { read } from '@e965/xlsx'`, 'home: @e965/xlsx'],
]

const sound: readonly (readonly [file: string, text: string])[] = [
  ['core/a.ts', 'export const a = 1'],
  ['core/a.test.ts', `import { test } from 'vitest'; import '../state/a.ts'; test('a', () => {})`],
  ['duckdb/a.ts', `import { a } from '../core/a.ts'; export const b = a`],
  ['stage/a.ts', `import '../duckdb/a.ts'; export type A = 1`],
  ['state/a.ts', `import '../core/a.ts'; export const a = 1; export type A = 1`],
  ['connectors/postgres/a.ts', `import '../../core/a.ts'; import './b.ts'`],
  ['connectors/postgres/b.ts', `export { Client } from 'pg'`],
]

test('every rule catches its planted fault, and nothing else is reported', async () => {
  await using tree = await plant([...sound, ...faults])
  const breaches = await cruiseFloors(tree.directory)
  const found = breaches.map(({ rule, text }) => `${text.split(' → ')[0]} ${rule}`)
  expect(faults.map(([file, , rule]) => `src/${file} ${rule}`).filter((fault) => !found.includes(fault))).toEqual([])
  const files = new Set(faults.map(([file]) => `src/${file}`))
  expect(breaches.map(({ text }) => text.split(' → ')[0]).filter((from) => from !== undefined && !files.has(from))).toEqual([])
})

test('no rule is without a fault that it was seen to catch', () => {
  const seen = new Set(faults.map(([, , rule]) => rule))
  expect(forbidden.map(({ name }) => name).filter((name) => name === undefined || !seen.has(name))).toEqual([])
})

test('a sound tree has no breach', async () => {
  await using tree = await plant(sound)
  expect(await cruiseFloors(tree.directory)).toEqual([])
})

async function plant(files: readonly (readonly [string, string, ...unknown[]])[]) {
  const directory = await mkdtemp(join(tmpdir(), 'syncline-floors-'))
  await symlink(resolve('node_modules'), join(directory, 'node_modules'))
  for (const [file, text] of files) {
    const path = join(directory, 'src', file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  return { directory, [Symbol.asyncDispose]: async () => await rm(directory, { recursive: true }) }
}
