import type { Rows } from '../../core/rows.ts'
import { appendRows, asNotDirect } from './append.ts'
import { findIndexes, type Index, indexSql } from './indexes.ts'
import { type ObjectName, qualified } from './names.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { identifier, literal } from './sql.ts'
import { declaration } from './system-type.ts'
import type { Target } from './target.ts'

/**
 * Loads a table beside the target and puts it in its place, with the same keys, indexes and defaults under the same names.
 * Readers see the old table until the transaction commits; they wait only from the swap on, which is at its end.
 * @returns how many rows it took.
 * @throws NotDirectError where one was refused.
 */
export async function swapTable(session: Session, target: Target, columns: readonly RelationColumn[], rows: Rows): Promise<number> {
  const { relation } = target
  const beside: ObjectName = { schema: relation.name.schema, name: `_syncline_load_${relation.id}` }
  const indexes = await findIndexes(session, relation.id)
  const defaults = await session.rows<Default>(defaultsSql, [relation.id])
  const identity = await session.rows<Identity>(identitySql, [relation.id])
  await session.execute(createBesideSql(beside, relation.columns, identity))
  const loading: Target = { relation: { ...relation, name: beside }, sql: qualified(beside), created: true }
  const taken = await appendRows(session, loading, columns, rows)
  try {
    for (const [number, index] of indexes.entries()) {
      await session.execute(indexSql(loading.sql, index, index.constraint && !index.unnamed ? besideName(relation.id, number) : undefined))
    }
  } catch (error) {
    throw asNotDirect(error)
  }
  for (const statement of swapStatements(relation.name, beside, relation.id, indexes, defaults)) await session.execute(statement)
  return taken
}

interface Default {
  readonly [column: string]: unknown
  readonly constraint_name: string
  readonly is_named: boolean
  readonly column_name: string
  readonly definition: string
}

interface Identity {
  readonly [column: string]: unknown
  readonly column_name: string
  readonly seed: string
  readonly increment: string
}

export function createBesideSql(beside: ObjectName, columns: readonly RelationColumn[], identities: readonly Identity[]): string {
  const definitions = columns.map(({ column, type }) => {
    const declared = declaration(type)
    const collation = type.collation === undefined || declared.includes(' COLLATE ') ? '' : ` COLLATE ${type.collation}`
    const numbered = identities.find(({ column_name }) => column_name === column.name)
    const identity = numbered === undefined ? '' : ` IDENTITY(${numbered.seed}, ${numbered.increment})`
    return `${identifier(column.name)} ${declared}${collation}${identity} ${column.nullable ? 'NULL' : 'NOT NULL'}`
  })
  return `CREATE TABLE ${qualified(beside)} (${definitions.join(', ')})`
}

/** Names of constraints are the schema's, so that the new table gets its own only once the old one is gone. */
export function swapStatements(
  name: ObjectName,
  beside: ObjectName,
  id: number,
  indexes: readonly Index[],
  defaults: readonly Default[],
): readonly string[] {
  return [
    `DROP TABLE ${qualified(name)}`,
    renameSql(qualified(beside), name.name),
    ...indexes.flatMap(({ constraint, unnamed, name: constraintName }, number) =>
      constraint && !unnamed ? [renameSql(qualified({ schema: name.schema, name: besideName(id, number) }), constraintName)] : [],
    ),
    ...defaults.map(({ constraint_name, is_named, column_name, definition }) => {
      const named = is_named ? `CONSTRAINT ${identifier(constraint_name)} ` : ''
      return `ALTER TABLE ${qualified(name)} ADD ${named}DEFAULT ${definition} FOR ${identifier(column_name)}`
    }),
  ]
}

function renameSql(from: string, to: string): string {
  return `EXEC sp_rename ${literal(from)}, ${literal(to)}, N'OBJECT'`
}

function besideName(id: number, number: number): string {
  return `_syncline_key_${id}_${number}`
}

const defaultsSql = `
SELECT d.name AS constraint_name, CONVERT(bit, 1 - d.is_system_named) AS is_named, c.name AS column_name, d.definition
  FROM sys.default_constraints AS d JOIN sys.columns AS c ON c.object_id = d.parent_object_id AND c.column_id = d.parent_column_id
 WHERE d.parent_object_id = @p0
 ORDER BY c.column_id`

const identitySql = `
SELECT name AS column_name, CONVERT(varchar(40), seed_value) AS seed, CONVERT(varchar(40), increment_value) AS increment
  FROM sys.identity_columns WHERE object_id = @p0`
