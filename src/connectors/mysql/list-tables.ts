import type { TableRef } from '../../core/table.ts'
import { matchesPattern } from '../sql/pattern.ts'
import { isReserved } from '../sql/reserved.ts'
import { addressName } from './names.ts'
import type { Session } from './session.ts'
import { literal } from './sql.ts'

/**
 * Tables and views of the connection's database in name order; Syncline's own are hidden. Those of all databases but the server's own
 * where the connection names none, or the pattern names one: `sales.*`.
 * @param pattern `*` and `?`, matched against the name with and without the database.
 */
export async function listTables(
  session: Session,
  database: string | undefined,
  pattern: string | undefined,
): Promise<readonly TableRef[]> {
  const own = database !== undefined && !pattern?.includes('.') ? ` AND TABLE_SCHEMA = ${literal(database)}` : ''
  const rows = await session.rows(sql + own)
  return rows
    .filter(([, name]) => !isReserved(name ?? ''))
    .map(([schema, name]) => ({ database: schema ?? '', name: name ?? '' }))
    .map((relation) => ({ name: addressName(relation, database), full: addressName(relation, undefined) }))
    .filter(({ name, full }) => matchesPattern(name, pattern) || matchesPattern(full, pattern))
    .map(({ name }) => ({ name }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const sql = `
SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
 WHERE TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
   AND TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')`
