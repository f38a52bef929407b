import { join } from 'node:path'
import type { Bench, Case } from './cases.ts'
import { createEmpty } from './data.ts'
import { measure } from './measure.ts'

/** The server, whose root logs in without a password; its client speaks to it as the limits do. */
export const mysqlUrl = process.env.SYNCLINE_BENCH_MYSQL ?? 'mysql://root@127.0.0.1:3306'
/** Of this process, so that two measurements do not drop each other's tables. */
export const mysqlDatabase = `syncline_bench_${process.pid}`

/** The cases between PostgreSQL and MySQL; `orders` is there on both sides. */
export function mysqlCases({ client, url, folder, syncline }: Bench): readonly Case[] {
  const psql = `PGTZ=UTC psql -q ${url}`
  const mariadb = `${mysqlClient()} ${mysqlDatabase}`
  const pipe = join(folder, 'pipe')
  const utc = "SELECT id, customer_id, email, status, amount, qty, note, created_at AT TIME ZONE 'UTC', updated_at FROM orders"
  return [
    {
      name: 'MySQL → PostgreSQL, replace',
      limitName: '`mariadb --quick` piped into COPY, into the same table with its key',
      atMost: 1.3,
      memoryAtMost: 250,
      prepare: () => createEmpty(client, 'target'),
      limit: `${mariadb} --quick --batch -N -e "SELECT * FROM orders" | ${psql} -c "COPY target FROM STDIN (NULL 'NULL')"`,
      syncline: `exec ${syncline} run my-pg --quiet`,
    },
    {
      name: 'PostgreSQL → MySQL, replace',
      limitName: '`COPY TO STDOUT` through a named pipe into `LOAD DATA LOCAL`, into the same table with its key',
      atMost: 1.25,
      memoryAtMost: 250,
      prepare: async () => await run(folder, `${mariadb} -e "DROP TABLE IF EXISTS target; ${ddl('target')}"`),
      limit: `rm -f ${pipe} && mkfifo ${pipe} && (${psql} -c "COPY (${utc}) TO STDOUT" > ${pipe} &) && ${mariadb} -e "SET time_zone = '+00:00'; LOAD DATA LOCAL INFILE '${pipe}' INTO TABLE target CHARACTER SET utf8mb4"`,
      syncline: `exec ${syncline} run pg-my --quiet`,
    },
  ]
}

/** Peak memory of full loads between the two as their table grows. `fill` makes PostgreSQL's orders. */
export async function mysqlMemory(bench: Bench, fill: (rows: number) => Promise<void>): Promise<readonly string[]> {
  const lines = ['| replace: rows | MySQL → PostgreSQL, s | peak MB | PostgreSQL → MySQL, s | peak MB |', '|---|---|---|---|---|']
  for (const count of [500_000, 2_000_000, 4_000_000]) {
    await fill(count)
    await createMysqlOrders(bench)
    const cells: string[] = []
    for (const { prepare, syncline } of mysqlCases(bench)) {
      await prepare()
      const { seconds, peakMegabytes } = await measure(syncline, { cwd: bench.folder })
      cells.push(seconds.toFixed(1), String(peakMegabytes))
    }
    lines.push(`| ${[count.toLocaleString('en-US'), ...cells].join(' | ')} |`)
  }
  return lines
}

/** Copies PostgreSQL's orders into MySQL. */
export async function createMysqlOrders({ url, folder }: Bench): Promise<void> {
  const file = join(folder, 'orders.tsv')
  const utc = "SELECT id, customer_id, email, status, amount, qty, note, created_at AT TIME ZONE 'UTC', updated_at FROM orders"
  await run(folder, `PGTZ=UTC psql -q ${url} -c "COPY (${utc}) TO STDOUT" > ${file}`)
  await run(
    folder,
    `${mysqlClient()} -e "DROP DATABASE IF EXISTS ${mysqlDatabase}; CREATE DATABASE ${mysqlDatabase} CHARACTER SET utf8mb4"`,
  )
  const load = `SET time_zone = '+00:00'; ${ddl('orders')}; LOAD DATA LOCAL INFILE '${file}' INTO TABLE orders CHARACTER SET utf8mb4`
  await run(folder, `${mysqlClient()} ${mysqlDatabase} -e "${load}" && rm ${file}`)
}

export async function dropMysqlOrders({ folder }: Bench): Promise<void> {
  await run(folder, `${mysqlClient()} -e "DROP DATABASE IF EXISTS ${mysqlDatabase}"`)
}

function mysqlClient(): string {
  const { hostname, port, username } = new URL(mysqlUrl)
  return `mariadb --no-defaults --local-infile=1 --init-command="SET time_zone='+00:00'" -h ${hostname} -P ${port || '3306'} -u ${username || 'root'}`
}

function ddl(table: string): string {
  return `CREATE TABLE ${table} (id BIGINT PRIMARY KEY, customer_id INT NOT NULL, email LONGTEXT NOT NULL, status LONGTEXT NOT NULL,
    amount DECIMAL(12,2) NOT NULL, qty SMALLINT, note LONGTEXT, created_at TIMESTAMP(6) NOT NULL, updated_at DATETIME(6) NOT NULL) ENGINE=InnoDB`
}

async function run(cwd: string, command: string): Promise<void> {
  await measure(command, { cwd })
}
