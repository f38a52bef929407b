import type { Rows } from '../../../core/rows.ts'
import type { Column } from '../../../core/table.ts'
import type { ReadRequest, Snapshot } from '../../connector.ts'
import type { Ledger } from './ledger.ts'

/** The columns of what was sent: texts that take the source's types, and documents. */
export function ledgerColumns(ledger: Ledger | undefined): readonly Column[] {
  return (ledger?.columns() ?? []).map(({ name, json }) =>
    json ? { name, type: { kind: 'json' }, nullable: true } : { name, type: { kind: 'text' }, nullable: true, untyped: true },
  )
}

/** What was last sent, as if it were the resource. */
export class LedgerSnapshot implements Snapshot {
  readonly pushdown = new Set<never>()
  readonly #ledger: Ledger | undefined
  readonly #wasRead: () => void

  /** @param wasRead is told when rows are asked for. */
  constructor(ledger: Ledger | undefined, wasRead: () => void) {
    this.#ledger = ledger
    this.#wasRead = wasRead
  }

  async read(_request: ReadRequest): Promise<Rows> {
    this.#wasRead()
    const ledger = this.#ledger
    const columns = ledgerColumns(ledger)
    return {
      columns,
      batches: async function* () {
        for (const rows of ledger?.rows() ?? [])
          yield { rows: rows.length, cells: columns.map(({ name }) => rows.map(({ cells }) => cells[name] ?? null)) }
      },
      given: () => ledger?.count() ?? 0,
    }
  }

  async count(_request: ReadRequest): Promise<number> {
    return this.#ledger?.count() ?? 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ledger?.[Symbol.dispose]()
  }
}
