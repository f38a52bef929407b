import { DuckDBBlobValue, type DuckDBValue } from '@duckdb/node-api'
import type { Column } from '../core/table.ts'
import type { Batch, Value } from '../core/value.ts'
import type { Engine } from './engine.ts'
import { heldAs, heldText, type StagedRelation } from './staged.ts'

/** Rows as JavaScript values, some thousand at a time. */
export async function* batchesOf(engine: Engine, relation: StagedRelation, order: string): AsyncGenerator<Batch> {
  const cells = relation.columns.map((column, index) => valueExpression(`c${index}`, relation, column))
  for await (const chunk of engine.chunks(`SELECT ${cells.join(', ')} FROM ${relation.from}${order}`)) {
    yield { rows: chunk.rowCount, cells: cells.map((_, index) => chunk.getColumnValues(index).map(value)) }
  }
}

/** What a JavaScript value holds exactly stays; everything else becomes its canonical text. */
function valueExpression(expression: string, { held }: StagedRelation, column: Column): string {
  const exact = ['boolean', 'integer', 'float', 'bytes'].includes(column.type.kind) && heldAs(held, column) === 'native'
  return exact ? expression : heldText(expression, held, column)
}

function value(found: DuckDBValue): Value {
  if (found instanceof DuckDBBlobValue) return found.bytes
  if (found === null || typeof found === 'string' || typeof found === 'number' || typeof found === 'bigint' || typeof found === 'boolean')
    return found
  throw new Error('the stage handed out a value that is none of its own')
}
