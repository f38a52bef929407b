import { join } from 'node:path'
import type { Client } from 'pg'
import { columns, createEmpty, scatter } from './data.ts'
import { mysqlDatabase, mysqlUrl } from './mysql.ts'

/** What the cases work with. */
export interface Bench {
  readonly client: Client
  readonly url: string
  /** Another database of the same server, for what is compared between two. */
  readonly elsewhere: { readonly client: Client; readonly url: string }
  readonly folder: string
  /** The shell command that starts the built package. */
  readonly syncline: string
  readonly node: string
}

export interface Case {
  readonly name: string
  /** What the limit is, for people. */
  readonly limitName: string
  /** The most that Syncline may take, as a multiple of the limit; absent where nothing bounds it. */
  readonly atMost?: number
  /** The most memory in MB, where it is bounded. */
  readonly memoryAtMost?: number
  /** What both sides may end with; 0 where absent. */
  readonly codes?: readonly number[]
  /** Before every run of either side; not timed. */
  prepare(): Promise<void>
  readonly limit: string
  readonly syncline: string
}

/** For cases that change nothing. */
export async function nothing(): Promise<void> {}

/** The cases on large tables; `orders` and `orders.csv` are there. */
export function largeCases({ client, url, folder, syncline, node }: Bench): readonly Case[] {
  const psql = `psql -q ${url}`
  const run = (sync: string) => `exec ${syncline} run ${sync} --quiet`
  const emptyTarget = () => createEmpty(client, 'target')
  return [
    {
      name: 'PostgreSQL → PostgreSQL, replace',
      limitName: '`psql COPY | psql COPY`, text, into the same table with its key',
      atMost: 1.1,
      memoryAtMost: 130,
      prepare: emptyTarget,
      limit: `${psql} -c 'COPY orders TO STDOUT' | ${psql} -c 'COPY target FROM STDIN'`,
      syncline: run('pg-pg'),
    },
    {
      name: 'CSV → PostgreSQL, append',
      limitName: '`psql \\copy` into the same table with its key',
      atMost: 1.15,
      prepare: emptyTarget,
      limit: `${psql} -c "\\copy target from '${join(folder, 'orders.csv')}' csv header"`,
      syncline: run('csv-pg'),
    },
    {
      name: 'PostgreSQL → CSV, replace',
      limitName: '`COPY TO STDOUT` into a file',
      atMost: 1.2,
      prepare: nothing,
      limit: `${psql} -c 'COPY orders TO STDOUT (FORMAT csv, HEADER)' > ${join(folder, 'limit.csv')}`,
      syncline: run('pg-csv'),
    },
    {
      name: 'PostgreSQL → Parquet, replace',
      limitName: '`COPY TO STDOUT` into a CSV file',
      atMost: 1.4,
      prepare: nothing,
      limit: `${psql} -c 'COPY orders TO STDOUT (FORMAT csv, HEADER)' > ${join(folder, 'limit.csv')}`,
      syncline: run('pg-parquet'),
    },
    {
      name: 'CSV → PostgreSQL, mirror, 1% changed',
      limitName: 'both sides brought into DuckDB tables: `COPY TO` a file, `read_csv` of both',
      atMost: 1.5,
      memoryAtMost: 1500,
      prepare: () => scatter(client, 'target', 'orders'),
      limit: `${psql} -c 'COPY target (${columns}) TO STDOUT (FORMAT csv, HEADER)' > ${join(folder, 'target.csv')} && exec ${node} ${join(import.meta.dirname, 'read-both.ts')} ${folder}`,
      syncline: run('csv-pg-mirror'),
    },
  ]
}

/** The cases that are about start-up; `small.db` and `small-copy.db` are there. */
export function smallCases({ syncline, node }: Bench): readonly Case[] {
  const limit = { limitName: '`node -e 0`', limit: `exec ${node} -e 0`, prepare: nothing }
  return [
    { ...limit, name: '`syncline --version`', atMost: 2.5, syncline: `exec ${syncline} --version` },
    { ...limit, name: 'SQLite → SQLite, mirror, 1,000 unchanged rows', atMost: 8, syncline: `exec ${syncline} run small --quiet` },
  ]
}

/** One config for all cases. Full loads compare counts, as the targets of the figures say. */
export function benchConfig({ url, elsewhere, folder }: Pick<Bench, 'url' | 'elsewhere' | 'folder'>): string {
  return JSON.stringify({
    connections: {
      shop: url,
      elsewhere: elsewhere.url,
      my: `${mysqlUrl}/${mysqlDatabase}`,
      desk: folder,
      small: join(folder, 'small.db'),
      copy: join(folder, 'small-copy.db'),
    },
    syncs: {
      'pg-pg': { from: 'shop#orders', to: 'shop#target', mode: 'replace', verify: 'counts' },
      'csv-pg': { from: 'desk#orders.csv', to: 'shop#target', mode: 'append', verify: 'counts' },
      'pg-csv': { from: 'shop#orders', to: 'desk#out.csv', mode: 'replace', verify: 'counts' },
      'pg-parquet': { from: 'shop#orders', to: 'desk#out.parquet', mode: 'replace', verify: 'counts' },
      'csv-pg-mirror': { from: 'desk#orders.csv', to: 'shop#target', mode: 'mirror', key: 'id' },
      'part-pg-upsert': { from: 'desk#part.csv', to: 'shop#target', mode: 'upsert', key: 'id' },
      'pg-pg-mirror': { from: 'shop#orders', to: 'shop#mirrored', mode: 'mirror' },
      large: { from: 'shop#large', to: 'shop#large_copy', mode: 'mirror' },
      'my-pg': { from: 'my#orders', to: 'shop#target', mode: 'replace', verify: 'counts' },
      'pg-my': { from: 'shop#orders', to: 'my#target', mode: 'replace', verify: 'counts' },
      small: { from: 'small#items', to: 'copy#items', mode: 'mirror' },
    },
  })
}
