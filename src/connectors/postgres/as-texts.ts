import { formatName } from '../../core/names.ts'
import type { Rows } from '../../core/rows.ts'
import type { Connections } from './connections.ts'
import { singleLease } from './leases.ts'
import { load } from './load.ts'
import { qualified, type RelationName } from './names.ts'
import { PostgresSnapshot } from './snapshot.ts'
import { identifiers } from './sql.ts'

/** Rows of a binary COPY as texts: the server reads them into a table that only this session sees, and writes them out again. */
export async function asTexts(connections: Connections, name: RelationName, rows: Rows): Promise<Rows & AsyncDisposable> {
  await using opened = new AsyncDisposableStack()
  const session = opened.use(await connections.open())
  const names = rows.columns.map((column) => column.name)
  const table = '_syncline_texts'
  await session.execute('BEGIN')
  await session.execute(
    `CREATE TEMPORARY TABLE ${table} ON COMMIT DROP AS SELECT ${identifiers(names)} FROM ${qualified(name)} WITH NO DATA`,
  )
  await load(session, { table: `pg_temp.${table}`, columns: rows.columns }, rows)
  const [place] = await session.rows<{ schema: string }>('SELECT pg_catalog.pg_my_temp_schema()::regnamespace::text AS schema')
  const view = opened.use(new PostgresSnapshot(singleLease(session), ''))
  const texts = await view.read({ source: { table: { name: formatName([place?.schema ?? '', table]) } }, columns: names })
  const { pgcopy: _binary, ...others } = texts
  const open = opened.move()
  return { ...others, [Symbol.asyncDispose]: async () => await open.disposeAsync() }
}
