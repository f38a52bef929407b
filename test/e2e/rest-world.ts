import type { ConfigInput } from '../../src/index.ts'
import type { Handle, HttpServer } from '../services/http.ts'
import type { World } from './world.ts'

/** What stands under `from`, less the connection. */
export type From = Omit<Exclude<NonNullable<ConfigInput['syncs']>[string]['from'], string>, 'connection'>

/** A sync from an API at `/v2` of a server into the table `t` of SQLite. */
export function fromApi(server: HttpServer, from: From, sync: object = {}, connection: object = {}): ConfigInput {
  return {
    connections: { crm: { type: 'rest', url: `${server.url}/v2`, retries: { times: 2, wait: '5 ms' }, ...connection } },
    syncs: { s: { from: { connection: 'crm', ...from }, to: './t.db#t', mode: 'mirror', key: 'id', guard: 'off', ...sync } },
  }
}

export const people = Array.from({ length: 25 }, (_, i) => ({ id: i + 1, name: `name ${i + 1}` }))

/** Serves rows by page, offset or token, as the parameters of a request ask for. */
export function paged(rows: readonly object[], size = 10): Handle {
  return ({ query }) => {
    const from = query.has('page') ? (Number(query.get('page')) - 1) * size : Number(query.get('offset') ?? query.get('after') ?? 0)
    const items = rows.slice(from, from + size)
    const next = from + size < rows.length ? String(from + size) : null
    return { json: { items, next, total: rows.length, more: next !== null } }
  }
}

export const byToken: From = { resource: '/contacts', rows: '$.items', paginate: { token: '$.next', param: 'after' } }

/** The ids in the target. */
export function idsOf(world: World): readonly number[] {
  return world.rows('t.db', 'SELECT id FROM t ORDER BY id').map((row) => Number((row as readonly unknown[])[0]))
}

/** Puts rows into the target that a source which is complete does not have. */
export function fillTarget(world: World): void {
  world.sqlite('t.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)', "INSERT INTO t VALUES (1, 'name 1'), (2, 'old'), (99, 'gone')")
}

/** Whether the target is as {@link fillTarget} left it. */
export function isUntouched(world: World): boolean {
  return JSON.stringify(idsOf(world)) === '[1,2,99]' && world.rows('t.db', "SELECT 1 FROM t WHERE name = 'old'").length === 1
}
