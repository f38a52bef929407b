import { type Bench, type Case, nothing } from './cases.ts'
import { createEmpty, scatter } from './data.ts'
import { mysqlDatabase, mysqlUrl } from './mysql.ts'

/** The programs of the peers; without one there is nothing to be measured against. */
const reladiff = process.env.SYNCLINE_BENCH_RELADIFF
const ingestr = process.env.SYNCLINE_BENCH_INGESTR

/** Says what is left out for want of a peer. */
export function missingPeers(): readonly string[] {
  const lacking = (program: string | undefined, name: string, variable: string) =>
    program === undefined ? [`left out: comparisons with ${name}, whose program ${variable} names`] : []
  return [...lacking(reladiff, 'reladiff', 'SYNCLINE_BENCH_RELADIFF'), ...lacking(ingestr, 'ingestr', 'SYNCLINE_BENCH_INGESTR')]
}

/** Comparing tables, and mirroring one that hardly changed; `orders`, `same` (equal to it) and `large` (twice as long) are there. */
export function compareCases(bench: Bench): readonly Case[] {
  return [...scanCases(bench), ...reladiffCases(bench), ...ingestrCases(bench)]
}

/** Comparing across engines; `orders` is there on both sides. */
export function mysqlCompareCases({ syncline }: Bench): readonly Case[] {
  const { hostname, port, username } = new URL(mysqlUrl)
  const mariadb = `mariadb --no-defaults -h ${hostname} -P ${port || '3306'} -u ${username || 'root'} ${mysqlDatabase}`
  const text = (name: string) => `coalesce(concat(length(${name}), ':', ${name}), '')`
  const cells = [
    'id',
    'customer_id',
    text('email'),
    text('status'),
    'amount',
    "coalesce(qty, '')",
    text('note'),
    'created_at',
    'updated_at',
  ]
  const hash = `cast(conv(left(md5(concat(${cells.join(", '|', ")})), 15), 16, 10) as unsigned)`
  return [
    {
      name: 'MySQL ↔ PostgreSQL, diff, equal, nullable text',
      limitName: 'a checksum scan of the side that is slower: MD5 of canonical text in 62 ranges, by MySQL',
      atMost: 1.5,
      prepare: nothing,
      limit: `${mariadb} -e "SELECT id DIV 32259 AS part, count(*), sum(${hash}) FROM orders GROUP BY part"`,
      syncline: `exec ${syncline} diff my#orders shop#orders --key id --quiet`,
    },
  ]
}

function scanCases({ client, url, syncline }: Bench): readonly Case[] {
  return [
    {
      name: 'PostgreSQL → PostgreSQL, mirror, 1,000 changed of twice the rows',
      limitName: 'one checksum scan of the table: `hash_record_extended` in 62 ranges',
      atMost: 2.5,
      prepare: async () => await changeFew(client),
      limit: `psql -q ${url} -c "SELECT id / 64518, count(*), sum(hash_record_extended(t, 0)) FROM large AS t GROUP BY 1"`,
      syncline: `exec ${syncline} run large --quiet`,
    },
  ]
}

/** 1,000 rows all over the table. */
export async function changeFew(client: Bench['client']): Promise<void> {
  await client.query(
    'UPDATE large_copy SET amount = amount + 1 WHERE id IN (SELECT n * (SELECT max(id) / 1000 FROM large) FROM generate_series(1::bigint, 1000) AS n)',
  )
}

/**
 * Between two databases, which is what is compared as a rule; within one database reladiff leaves the work to a join, which two
 * systems do not have.
 */
function reladiffCases({ client, url, elsewhere, syncline }: Bench): readonly Case[] {
  if (reladiff === undefined) return []
  const peer = (database: string, table: string) => `${database.replace('postgres:', 'postgresql:')} ${table}`
  const diff = (to: { readonly url: string; readonly name: string }, table: string) => ({
    limit: `exec ${reladiff} ${peer(url, 'orders')} ${peer(to.url, table)} -k id -c % -j 4 --stats`,
    syncline: `exec ${syncline} diff shop#orders ${to.name}#${table} --key id --quiet`,
    codes: [0, 2],
  })
  const [there, here] = [
    { url: elsewhere.url, name: 'elsewhere' },
    { url, name: 'shop' },
  ]
  const limitName = 'reladiff, 4 threads'
  const joined = { limitName: 'reladiff, which joins both within their one database' }
  return [
    { name: 'PostgreSQL ↔ PostgreSQL, diff, equal', limitName, atMost: 0.33, prepare: nothing, ...diff(there, 'orders') },
    { name: 'PostgreSQL ↔ PostgreSQL, diff, 1% scattered', limitName, atMost: 0.25, prepare: nothing, ...diff(there, 'changed') },
    { name: 'one PostgreSQL database, diff, equal', ...joined, prepare: nothing, ...diff(here, 'same') },
    {
      name: 'one PostgreSQL database, diff, 1% scattered',
      ...joined,
      prepare: async () => await scatter(client, 'mirrored', 'orders'),
      ...diff(here, 'mirrored'),
    },
  ]
}

function ingestrCases({ client, url, syncline }: Bench): readonly Case[] {
  if (ingestr === undefined) return []
  const uri = `'${url.replace('postgres:', 'postgresql:')}?sslmode=disable'`
  return [
    {
      name: 'PostgreSQL → PostgreSQL, mirror, 1% scattered',
      limitName: 'ingestr, merge, which leaves the deleted rows',
      atMost: 0.25,
      prepare: async () => {
        await scatter(client, 'mirrored', 'orders')
        // Of its own: a merge writes every row anew.
        await createEmpty(client, 'peer_target')
        await client.query('INSERT INTO peer_target SELECT * FROM mirrored')
        await client.query('VACUUM ANALYZE peer_target')
      },
      limit: `exec ${ingestr} ingest --yes --source-uri ${uri} --source-table public.orders --dest-uri ${uri} --dest-table public.peer_target --incremental-strategy merge --primary-key id`,
      syncline: `exec ${syncline} run pg-pg-mirror --quiet`,
    },
  ]
}
