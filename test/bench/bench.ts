import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'
import { type Bench, benchConfig, type Case, largeCases, smallCases } from './cases.ts'
import { createChanged, createEmpty, createOrders } from './data.ts'
import { createBook, excelCases } from './excel.ts'
import { journalCases } from './journal.ts'
import { type Measured, measure, median } from './measure.ts'
import { movedBytes } from './moved.ts'
import { createMysqlOrders, dropMysqlOrders, mysqlCases, mysqlMemory } from './mysql.ts'
import { compareCases, missingPeers, mysqlCompareCases } from './peers.ts'

// npm run bench [-- --rows 2000000] [--runs 3] [--only WORD] [--memory] [--write]
// Every figure is a ratio within one run: limit and Syncline take turns, and the medians are compared. Needs `psql`, and
// a PostgreSQL server that SYNCLINE_BENCH_POSTGRES names (default: postgres://postgres@127.0.0.1:5432/postgres). Books are
// measured where SYNCLINE_BENCH_PANDAS names a Python that has pandas and openpyxl, and comparisons with reladiff and ingestr
// where SYNCLINE_BENCH_RELADIFF and SYNCLINE_BENCH_INGESTR name their programs.

const root = join(import.meta.dirname, '..', '..')
const rows = Number(option('--rows') ?? 2_000_000)
const runs = Number(option('--runs') ?? 3)
const only = option('--only')

const server = process.env.SYNCLINE_BENCH_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/postgres'
/** Of this process, so that two measurements do not drop each other's tables. */
const database = `syncline_bench_${process.pid}`
const databaseElsewhere = `${database}_elsewhere`
const folder = mkdtempSync(join(tmpdir(), 'syncline-bench-'))
if (!existsSync(join(root, 'dist', 'cli.js'))) throw new Error('the package is measured as it is published: run `npm run build` first')

const { url, client } = await createDatabase(database)
const elsewhere = await createDatabase(databaseElsewhere)
const syncline = `${process.execPath} ${join(root, 'dist', 'cli.js')}`
const bench: Bench = { client, url, elsewhere, folder, node: process.execPath, syncline }
try {
  await prepare()
  const lines = [heading()]
  for (const one of chosen(allCases())) lines.push(await compare(one))
  if (chosen(compareCases(bench)).length > 0) lines.push('', ...(await movedBytes(bench)).map(show))
  if (process.argv.includes('--memory')) lines.push('', ...(await memoryByRows()), '', ...(await mysqlMemory(bench, fillSource)).map(show))
  if (process.argv.includes('--write')) writeFileSync(join(root, 'docs', 'benchmarks.md'), page(lines, await versions()))
} finally {
  if (chosen(crossCases()).length > 0 || process.argv.includes('--memory')) await dropMysqlOrders(bench)
  for (const one of [client, elsewhere.client]) await one.end()
  for (const name of [database, databaseElsewhere]) await dropDatabase(name)
  rmSync(folder, { recursive: true, force: true })
}

async function prepare(): Promise<void> {
  writeFileSync(join(folder, 'syncline.yaml'), benchConfig(bench))
  for (const name of ['small.db', 'small-copy.db']) createSmall(join(folder, name))
  if (chosen(excelCases(bench)).length > 0) await createBook(folder)
  if (chosen([...largeCases(bench), ...journalCases(bench), ...compareCases(bench), ...crossCases()]).length > 0) await fillOrders(rows)
  if (chosen(compareCases(bench)).length > 0) await fillCompared(rows)
  if (chosen(crossCases()).length > 0) await createMysqlOrders(bench)
  for (const line of missingPeers()) process.stdout.write(`${line}\n`)
}

async function fillSource(count: number): Promise<void> {
  await client.query('DROP TABLE IF EXISTS target')
  await createOrders(client, 'orders', count)
}

function allCases(): readonly Case[] {
  return [...smallCases(bench), ...excelCases(bench), ...largeCases(bench), ...journalCases(bench), ...compareCases(bench), ...crossCases()]
}

function crossCases(): readonly Case[] {
  return [...mysqlCases(bench), ...mysqlCompareCases(bench)]
}

async function fillCompared(count: number): Promise<void> {
  await createOrders(client, 'large', 2 * count)
  await createOrders(elsewhere.client, 'orders', count)
  await createChanged(elsewhere.client, 'changed', 'orders')
  for (const [table, from] of [
    ['same', 'orders'],
    ['large_copy', 'large'],
  ] as const) {
    await createEmpty(client, table)
    await client.query(`INSERT INTO ${table} SELECT * FROM ${from}`)
    await client.query(`VACUUM ANALYZE ${table}`)
  }
}

async function fillOrders(count: number): Promise<void> {
  await createOrders(client, 'orders', count)
  await createChanged(client, 'target', 'orders')
  await measure(`psql -q ${url} -c 'COPY orders TO STDOUT (FORMAT csv, HEADER)' > orders.csv && head -n 300001 orders.csv > part.csv`, {
    cwd: folder,
  })
}

function createSmall(path: string): void {
  const database = new DatabaseSync(path)
  database.exec('CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL, note TEXT)')
  const insert = database.prepare('INSERT INTO items VALUES (?, ?, ?, ?)')
  database.exec('BEGIN')
  for (let id = 1; id <= 1000; id++) insert.run(id, `item ${id}`, id / 7, id % 3 === 0 ? null : 'x'.repeat(id % 20))
  database.exec('COMMIT')
  database.close()
}

async function compare(one: Case): Promise<string> {
  const limits: Measured[] = []
  const ours: Measured[] = []
  const times = (one.atMost ?? 0) > 2 ? runs * 5 : runs
  for (let turn = 0; turn <= times; turn++) {
    await one.prepare()
    const limit = await measure(one.limit, { cwd: folder, ...(one.codes ? { codes: one.codes } : {}) })
    await one.prepare()
    const mine = await measure(one.syncline, { cwd: folder, ...(one.codes ? { codes: one.codes } : {}) })
    // The first turn warms caches and is not counted.
    if (turn > 0) limits.push(limit)
    if (turn > 0) ours.push(mine)
  }
  const limit = median(limits.map((measured) => measured.seconds))
  const mine = median(ours.map((measured) => measured.seconds))
  const ratio = median(ours.map((measured, turn) => measured.seconds / (limits[turn]?.seconds ?? Number.NaN)))
  const peak = Math.max(...ours.map((measured) => measured.peakMegabytes))
  const memory = one.memoryAtMost === undefined ? String(peak) : `${peak} (at most ${one.memoryAtMost})`
  const seconds = `${limit.toFixed(2)} | ${mine.toFixed(2)}`
  return show(`| ${one.name} | ${one.limitName} | ${seconds} | ${ratio.toFixed(2)} | ${one.atMost ?? '–'} | ${memory} |`)
}

/** Peak memory of a mirror as its tables grow. */
async function memoryByRows(): Promise<readonly string[]> {
  const lines = [show('| CSV → PostgreSQL, mirror, 1% changed: rows | seconds | peak MB |'), show('|---|---|---|')]
  for (const count of [1_000_000, 4_000_000, 8_000_000]) {
    await fillOrders(count)
    const { seconds, peakMegabytes } = await measure(`exec ${bench.syncline} run csv-pg-mirror --quiet`, { cwd: folder })
    lines.push(show(`| ${count.toLocaleString('en-US')} | ${seconds.toFixed(1)} | ${peakMegabytes} |`))
  }
  return lines
}

function chosen(cases: readonly Case[]): readonly Case[] {
  return only === undefined ? cases : cases.filter((one) => one.name.includes(only))
}

function heading(): string {
  const title = '| what | the limit | limit, s | Syncline, s | ratio | at most | peak MB |'
  return show(`${title}\n|---|---|---|---|---|---|---|`)
}

function show(line: string): string {
  process.stdout.write(`${line}\n`)
  return line
}

function page(lines: readonly string[], version: string): string {
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB`
  return `# Benchmarks

Made by \`${command()}\` on ${machine}; Node ${process.version}, ${version}; ${rows.toLocaleString('en-US')} rows of 9 mixed columns,
${runs} counted runs of each side in turn after one that warms up. Seconds are medians of whole processes; the ratio is the median of
the ratios of each turn. Machines drift: compare ratios, not seconds. Full loads run with \`verify: counts\`, the mirror with the
defaults.

${lines.join('\n')}
`
}

function command(): string {
  return ['npm run bench --', ...process.argv.slice(2)].join(' ')
}

async function versions(): Promise<string> {
  const { rows: found } = await client.query<{ server_version: string }>('SHOW server_version')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return `PostgreSQL ${found[0]?.server_version}, Syncline ${version}`
}

async function createDatabase(name: string): Promise<Pick<Bench, 'url' | 'client'>> {
  await dropDatabase(name)
  await execute(`CREATE DATABASE ${name}`)
  const named = new URL(server)
  named.pathname = `/${name}`
  const client = new Client({ connectionString: named.href })
  await client.connect()
  return { url: named.href, client }
}

async function dropDatabase(name: string): Promise<void> {
  await execute(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
}

async function execute(statement: string): Promise<void> {
  const admin = new Client({ connectionString: server })
  await admin.connect()
  await admin.query(statement)
  await admin.end()
}

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}
