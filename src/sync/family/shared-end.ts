import type { Endpoint, Snapshot } from '../../connectors/connector.ts'
import type { Table, TableRef } from '../../core/table.ts'

/**
 * An endpoint as each table of a family sees it: what was described once is not asked for again, and where a view is given
 * every read goes through that one. Disposing it leaves the endpoint open.
 */
export function sharedEnd(endpoint: Endpoint, view?: () => Promise<Snapshot>): Endpoint {
  const described = new Map<string, Promise<Table | undefined>>()
  const { reader, writer } = endpoint
  const describe = (ref: TableRef) => {
    const key = JSON.stringify([ref.name, ref.options])
    const table = described.get(key) ?? endpoint.describe(ref)
    described.set(key, table)
    return table
  }
  return {
    traits: endpoint.traits,
    summary: endpoint.summary,
    ...(reader ? { reader: view ? { snapshot: async () => lent(await view()) } : reader } : {}),
    ...(writer ? { writer } : {}),
    listTables: async (pattern) => await endpoint.listTables(pattern),
    describe,
    ...(endpoint.describeQuery
      ? { describeQuery: async (query: string) => await required(endpoint.describeQuery).call(endpoint, query) }
      : {}),
    adopt: (column, table) => endpoint.adopt(column, table),
    ...(endpoint.canonicalize
      ? { canonicalize: async (column, texts) => await required(endpoint.canonicalize).call(endpoint, column, texts) }
      : {}),
    ...(endpoint.keyForms ? { keyForms: async (column, texts) => await required(endpoint.keyForms).call(endpoint, column, texts) } : {}),
    [Symbol.asyncDispose]: async () => {},
  }
}

/** A view that belongs to others. */
function lent(view: Snapshot): Snapshot {
  return {
    pushdown: view.pushdown,
    read: async (request) => await view.read(request),
    count: async (request) => await view.count(request),
    ...(view.digests ? { digests: view.digests } : {}),
    ...(view.checksum ? { checksum: async (request) => await required(view.checksum).call(view, request) } : {}),
    [Symbol.asyncDispose]: async () => {},
  }
}

function required<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error('an endpoint lost a part while it was open')
  return part
}
