import type { TableRef } from '../../core/table.ts'
import { addressName, type RelationName } from './names.ts'
import type { Session } from './session.ts'

/**
 * Tables and views in name order, those of the default schema without their schema. Hidden are partitions (their parent
 * stands for them), what extensions brought along, and Syncline's own.
 * @param pattern `*` and `?`, matched against the name with and without the default schema.
 */
export async function listTables(session: Session, defaultSchema: string, pattern: string | undefined): Promise<readonly TableRef[]> {
  const rows = await session.rows<RelationName>(sql)
  const wanted = pattern === undefined ? () => true : globMatcher(pattern)
  return rows
    .map((row) => ({ name: addressName(row, defaultSchema), full: addressName(row, '') }))
    .filter(({ name, full }) => wanted(name) || wanted(full))
    .map(({ name }) => ({ name }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function globMatcher(pattern: string): (name: string) => boolean {
  const body = [...pattern].map((letter) => (letter === '*' ? '.*' : letter === '?' ? '.' : letter.replace(/[\\^$.|+()[\]{}]/, '\\$&')))
  const expression = new RegExp(`^${body.join('')}$`, 'su')
  return (name) => expression.test(name)
}

const sql = `
SELECT n.nspname AS schema, c.relname AS name
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition AND c.relname NOT LIKE '\\_syncline%'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp\\_%'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`
