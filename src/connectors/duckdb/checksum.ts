import type { Checksum } from '../connector.ts'
import { textCell } from './cells.ts'
import type { Selection } from './request.ts'
import type { Work } from './work.ts'

/**
 * The sum over all rows of the MD5 of their canonical texts. Every text is led by its length and NULL by a mark of its own,
 * so that `1|11` and `11|1`, NULL and empty text differ.
 */
export async function checksumOf(work: Work, { columns, from }: Selection): Promise<Checksum> {
  const cells = columns.map((column) => `coalesce(strlen(${textCell(column)}) || ':' || ${textCell(column)}, '-')`)
  const row = cells.length === 0 ? "''" : `concat(${cells.join(', ')})`
  const [[rows = '0', lower = '0', upper = '0', version = ''] = []] = await work.texts(
    `SELECT count(*)::VARCHAR, sum(md5_number_lower(t)::HUGEINT)::VARCHAR, sum(md5_number_upper(t)::HUGEINT)::VARCHAR, version() FROM (SELECT ${row} AS t FROM ${from})`,
  )
  return { form: `duckdb:${version}:md5`, rows: Number(rows), value: `${lower ?? 0}:${upper ?? 0}` }
}
