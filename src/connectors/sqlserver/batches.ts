import type { Batch, Value } from '../../core/value.ts'
import type { CellReading } from './reading-cells.ts'
import type { Chunk } from './row-stream.ts'

/** Rows by column, cells as the contract wants them. @param counted told how many rows each batch has. */
export async function* batchesOf(
  chunks: AsyncIterable<Chunk>,
  readings: readonly CellReading[],
  counted: (rows: number) => void,
): AsyncGenerator<Batch> {
  for await (const chunk of chunks) {
    counted(chunk.length)
    yield { rows: chunk.length, cells: readings.map((reading, index) => columnOf(chunk, index, reading)) }
  }
}

function columnOf(chunk: Chunk, index: number, reading: CellReading): readonly Value[] {
  return chunk.map((row) => {
    const cell = row[index]
    return cell === null || cell === undefined ? null : reading.value(cell)
  })
}
