import type { Context, Endpoint, ReadRequest, Snapshot, WriteSession } from '../../src/connectors/connector.ts'
import { rest } from '../../src/connectors/rest/rest.ts'
import type { Rows } from '../../src/core/rows.ts'
import type { Table, TableRef } from '../../src/core/table.ts'
import { Stage } from '../../src/stage/stage.ts'
import { ResourceServer } from '../services/resource-server.ts'
import type { System } from './place.ts'

/** The name under which the server gives ids. */
const uid = '__uid'

/**
 * A server of resources, behind an endpoint that does what a run does around it: rows are appended as inserts of a change set, and
 * what is read becomes the types of the table.
 */
export async function prepareRest(directory: string): Promise<System> {
  await using opening = new AsyncDisposableStack()
  const server = opening.use(await ResourceServer.start({ key: 'id', assigns: uid }))
  const stage = opening.use(await Stage.open({ directory, signal: new AbortController().signal }))
  const tables = new Map<string, Table>()
  const opened = opening.move()
  return {
    async open(context: Context) {
      const endpoint = await rest.open(rest.parseOptions({ url: server.url }), { ...context, end: 'target' })
      return around(endpoint, stage, tables)
    },
    ref: (name) => ({ name: `/${encodeURIComponent(name)}`, options: { id: `$.${uid}`, read: { rows: '$.items' } } }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

function around(endpoint: Endpoint, stage: Stage, tables: Map<string, Table>): Endpoint {
  const { writer, reader } = endpoint
  if (!writer || !reader) throw new Error('an API that cannot be written and read')
  return {
    traits: endpoint.traits,
    summary: endpoint.summary,
    listTables: (pattern) => endpoint.listTables(pattern),
    describe: async (ref) => withoutUid(await endpoint.describe(ref)),
    adopt: (column, ref) => endpoint.adopt(column, ref),
    canonicalize: async (column, texts) => (await endpoint.canonicalize?.(column, texts)) ?? texts,
    reader: { snapshot: async () => typed(await reader.snapshot(), stage, tables) },
    writer: {
      accepts: ['batches'],
      appliesChanges: true,
      begin: async () => appending(await writer.begin(), stage, tables),
      outcome: async (proof) => (await writer.outcome?.(proof)) ?? 'unknown',
    },
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  }
}

function withoutUid(table: Table | undefined): Table | undefined {
  return table && { ...table, columns: table.columns.filter(({ name }) => name !== uid) }
}

function appending(session: WriteSession, stage: Stage, tables: Map<string, Table>): WriteSession {
  return {
    async ensureTable(table) {
      const known = tables.get(table.ref.name)
      if (!known || known.columns.length < table.columns.length) tables.set(table.ref.name, table)
      return await session.ensureTable(table)
    },
    async append(table, rows) {
      const nothing = { columns: table.columns, batches: async function* () {}, count: 0 }
      const applied = await session.apply?.(table, { key: table.key, inserts: { ...rows, count: 1 }, updates: nothing, deletes: nothing })
      if (applied?.stopped) throw applied.stopped
      return applied?.inserted ?? 0
    },
    replace: (table, rows) => session.replace(table, rows),
    apply: async (table, changes) => {
      const { inserted = 0, updated = 0, deleted = 0, moved = [] } = (await session.apply?.(table, changes)) ?? {}
      return { inserted, updated, deleted, moved }
    },
    snapshot: async () => {
      const view = await session.snapshot?.()
      if (!view) throw new Error('what was written cannot be read')
      return typed(view, stage, tables)
    },
    proof: async () => (await session.proof?.()) ?? { kind: 'none' },
    commit: () => session.commit(),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

/** Cells as a run compares them: as values of the table's types. */
function typed(view: Snapshot, stage: Stage, tables: Map<string, Table>): Snapshot {
  return {
    pushdown: view.pushdown,
    async read(request) {
      const rows = await view.read(request)
      const table = 'table' in request.source ? tables.get(nameOf(request.source.table)) : undefined
      return table ? await conformed(stage, rows, table) : rows
    },
    count: (request: ReadRequest) => view.count(request),
    [Symbol.asyncDispose]: () => view[Symbol.asyncDispose](),
  }
}

function nameOf({ name }: TableRef): string {
  return name
}

async function conformed(stage: Stage, rows: Rows, { columns }: Table): Promise<Rows> {
  const landed = await stage.land(rows)
  const there = columns.filter(({ name }) => landed.columns.some((column) => column.name === name))
  const asText = new Set(columns.filter(({ type }) => type.kind === 'json').map(({ name }) => name))
  for (;;) {
    const conforming = there.map((to) => ({
      from: to.name,
      to,
      held: asText.has(to.name) ? ('text' as const) : ('native' as const),
      trusted: true,
    }))
    const { staged, overflow } = await stage.conform(landed, { columns: conforming })
    if (overflow.length === 0) return stage.rows(staged)
    for (const name of overflow) asText.add(name)
  }
}
