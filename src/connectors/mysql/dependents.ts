import type { Dependents, Reference } from '../../core/table.ts'
import type { RelationName } from './names.ts'
import type { Relation } from './relation.ts'
import type { Session } from './session.ts'
import { identifier, literal } from './sql.ts'

/**
 * What hangs on a table and would not follow it through a swap, and what acts when its rows change (rules 14, 19), as far as
 * the user may see it. Grants are given to names and routines refer to them (manual, "RENAME TABLE Statement"), so both stay.
 */
export async function findDependents(session: Session, { name, versioned }: Relation): Promise<Dependents> {
  const views = await session.rows(viewsSql(name))
  const references = await session.rows(incomingSql(name))
  const triggers = await session.rows(triggersSql(name))
  const own = await findReferences(session, name)
  const path = (row: readonly (string | null)[]) => row.map((part) => part ?? '').join('.')
  return {
    views: views.map(path),
    referencedBy: references.map(([table, constraint]) => `${table}.${constraint}`),
    cascades: references
      .filter(([, , onDelete, onUpdate]) => acts(onDelete) || acts(onUpdate))
      .map(([table, constraint]) => `${table}.${constraint}`),
    triggers: triggers.map(([trigger]) => trigger ?? ''),
    others: [
      ...own.map((reference) => `foreign key ${reference.name.split('.').at(-1)}`),
      ...(versioned ? ['earlier versions of its rows'] : []),
    ],
  }
}

/** The foreign keys of a table. InnoDB judges them after each row, and nothing puts that off. */
export async function findReferences(session: Session, name: RelationName): Promise<readonly Reference[]> {
  const byName = Map.groupBy(await session.rows(outgoingSql(name)), ([constraint]) => constraint ?? '')
  return [...byName].map(([constraint, rows]) => {
    const [, , database, table] = rows[0] ?? []
    const self = database === name.database && table === name.name
    return {
      name: `${name.name}.${constraint}`,
      columns: rows.map(([, column]) => column ?? ''),
      table: database === name.database ? (table ?? '') : `${database}.${table}`,
      foreignColumns: rows.map(([, , , , column]) => column ?? ''),
      ...(self ? { self } : {}),
      judged: 'row' as const,
    }
  })
}

function acts(rule: string | null | undefined): boolean {
  return rule === 'CASCADE' || rule === 'SET NULL' || rule === 'SET DEFAULT'
}

/** A view's definition is kept with every name quoted and qualified. */
const viewsSql = ({ database, name }: RelationName) => `
SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.VIEWS
 WHERE LOCATE(${literal(`${identifier(database)}.${identifier(name)}`)}, VIEW_DEFINITION) > 0 ORDER BY 1, 2`

const incomingSql = ({ database, name }: RelationName) => `
SELECT TABLE_NAME, CONSTRAINT_NAME, DELETE_RULE, UPDATE_RULE FROM information_schema.REFERENTIAL_CONSTRAINTS
 WHERE UNIQUE_CONSTRAINT_SCHEMA = ${literal(database)} AND REFERENCED_TABLE_NAME = ${literal(name)}
   AND NOT (CONSTRAINT_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)})
 ORDER BY 1, 2`

const outgoingSql = ({ database, name }: RelationName) => `
SELECT CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
  FROM information_schema.KEY_COLUMN_USAGE
 WHERE TABLE_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)} AND REFERENCED_TABLE_NAME IS NOT NULL
 ORDER BY CONSTRAINT_NAME, ORDINAL_POSITION`

const triggersSql = ({ database, name }: RelationName) => `
SELECT TRIGGER_NAME FROM information_schema.TRIGGERS
 WHERE EVENT_OBJECT_SCHEMA = ${literal(database)} AND EVENT_OBJECT_TABLE = ${literal(name)} ORDER BY 1`
