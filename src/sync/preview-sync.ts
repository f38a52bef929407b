import { redactRow } from '../core/redaction.ts'
import type { Column } from '../core/table.ts'
import { conformSource } from './conforming.ts'
import { describeEnds } from './ends.ts'
import { readSource, readUntilKnown } from './read.ts'
import { readEnds } from './read-ends.ts'
import type { RunRequest, Services } from './services.ts'
import { columnsAsRead, selectColumns, shapeSync } from './shape.ts'
import { type OpenWork, openWork } from './work.ts'

export interface PreviewedRows {
  readonly columns: readonly Column[]
  /** Canonical texts, `null` for NULL. */
  readonly rows: readonly (readonly (string | null)[])[]
  readonly rejected: number
}

/** The first rows as the target would receive them; nothing is written. */
export async function previewSync(services: Services, request: RunRequest, limit: number): Promise<PreviewedRows> {
  await using work = await openWork(services, request)
  return await readUntilKnown(async () => await preview(work, limit))
}

async function preview(work: OpenWork, limit: number): Promise<PreviewedRows> {
  const { definition, source, target } = work
  const described = await describeEnds(work)
  const stage = await work.openStage()
  await using view = await source.reader?.snapshot()
  if (!view) return { columns: [], rows: [], rejected: 0 }
  const { request: read, rest } = readSource(definition, described.source, view.pushdown)
  const filtered = rest.where !== undefined || !view.pushdown.has('limit')
  const { ends, rows: given } = await readEnds(work, described, view, filtered ? read : { ...read, limit })
  const landed = await stage.land(given)
  const columns = columnsAsRead(ends.source.columns, given.columns, await stage.infer(landed))
  const shape = shapeSync(definition, ends, selectColumns(columns, definition.from.select), target)
  const asText = new Set<string>()
  for (;;) {
    const conforming = shape.pairs.map((pair) => conformSource(pair, asText, target))
    const { staged, overflow } = await stage.conform(landed, { columns: conforming, ...rest, enforce: true })
    if (overflow.length === 0) {
      const names = staged.columns.map(({ name }) => name)
      const rows = (await stage.sample(staged, limit)).map((row) => redactRow(definition.redact, names, row))
      return { columns: staged.columns, rows, rejected: stage.rejected }
    }
    for (const name of overflow) asText.add(name)
  }
}
