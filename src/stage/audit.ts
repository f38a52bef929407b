import { cellOf } from './cells.ts'
import { bare, faultyRow, filterOf, judged } from './conform.ts'
import type { Audited, ConformOptions } from './contract.ts'
import type { Engine } from './engine.ts'
import { faultsOf } from './faults.ts'
import type { LandedRows } from './landed.ts'
import { unjudged } from './stream.ts'

/**
 * Reads the landed rows as `conform` does and only counts. On one thread: it runs beside a load, whose server wants a core
 * to itself, and has as long as that takes.
 */
export async function audit(engine: Engine, landed: LandedRows, options: ConformOptions): Promise<Audited> {
  if (options.columns.length === 0) return { rows: (await bare(engine, landed)).read, unfit: 0 }
  const cells = options.columns.map((column) => cellOf(landed, unjudged(column)))
  const faults = faultsOf(cells, options)
  const from = judged({ landed, cells, faults, answers: new Map(), options })
  await engine.run('SET threads = 1')
  try {
    const [[rows, unfit] = []] = await engine.texts(
      `SELECT count(*), count(*) FILTER (${faultyRow(faults)}) FROM (${from})${filterOf(cells, faults, options)}`,
    )
    return { rows: Number(rows), unfit: Number(unfit) }
  } finally {
    await engine.run('RESET threads')
  }
}
