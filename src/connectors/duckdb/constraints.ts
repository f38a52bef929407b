import type { Table } from '../../core/table.ts'
import { identifier, literal } from '../../duckdb/sql.ts'
import { qualified, tableName } from './names.ts'
import type { Work } from './work.ts'

/** What a table asks of its rows. */
interface Constraint {
  readonly kind: 'check' | 'unique' | 'reference'
  readonly name: string
  readonly columns: readonly string[]
  /** Of a check: SQL over the columns. */
  readonly expression: string
  /** Of a reference: the table, quoted, and its columns in the order of `columns`. */
  readonly foreignTable: string
  readonly foreignColumns: readonly string[]
}

/** The constraints of a table but for NOT NULL, which the stage judges, and for the key, by which changes are matched. */
export async function constraintsOf(work: Work, table: Table, key: readonly string[]): Promise<readonly Constraint[]> {
  const { schema, table: name } = tableName(table.ref)
  const isTable = `database_name = current_database() AND schema_name = ${literal(schema)} AND table_name = ${literal(name)}`
  const declared = await work.texts(
    `SELECT constraint_type, constraint_name, to_json(constraint_column_names)::VARCHAR, expression, referenced_table, to_json(referenced_column_names)::VARCHAR
       FROM duckdb_constraints() WHERE constraint_type <> 'NOT NULL' AND ${isTable}`,
  )
  const isKey = (columns: readonly string[]) => columns.length === key.length && columns.every((column) => key.includes(column))
  return declared
    .map(
      ([type, constraint, columns, expression, foreignTable, foreignColumns]): Constraint => ({
        kind: kinds[type ?? ''] ?? 'unique',
        name: constraint ?? '',
        columns: JSON.parse(columns ?? '[]') as string[],
        expression: expression ?? '',
        foreignTable: foreignTable === null || foreignTable === undefined ? '' : qualified({ schema, table: foreignTable }),
        foreignColumns: JSON.parse(foreignColumns ?? '[]') as string[],
      }),
    )
    .filter(({ kind, columns }) => kind !== 'unique' || !isKey(columns))
}

const kinds: Readonly<Record<string, Constraint['kind']>> = { CHECK: 'check', 'FOREIGN KEY': 'reference' }

/** Rows that are about to be written. */
interface Writing {
  /** Quoted: the table that is written. */
  readonly into: string
  /** The rows, by the target's names of their columns. Those to be written are in `syncline_hits`. */
  readonly held: string
  /** What stands behind FROM for the rows of the table that stay as they are. */
  readonly others: string
}

/** The column that numbers held rows. */
export const heldNumber = '"syncline:number"'

/** The numbers of rows that break a constraint, as a `select`. */
export function breaking({ kind, columns, expression, foreignTable, foreignColumns }: Constraint, { into, held, others }: Writing): string {
  const hits = `FROM ${held} AS rows JOIN syncline_hits AS hits ON hits.number = rows.${heldNumber}`
  const same = (one: string, other: string, names = columns) =>
    columns.map((column, index) => `${one}.${identifier(column)} = ${other}.${identifier(names[index] ?? column)}`).join(' AND ')
  const known = columns.map((column) => `rows.${identifier(column)} IS NOT NULL`).join(' AND ')
  switch (kind) {
    case 'check':
      return `SELECT ${heldNumber} FROM ${held} WHERE ${heldNumber} IN (SELECT number FROM syncline_hits) AND NOT (${expression})`
    case 'reference': {
      const itself =
        foreignTable === into ? ` AND NOT EXISTS (SELECT 1 FROM ${held} AS other WHERE ${same('rows', 'other', foreignColumns)})` : ''
      return `SELECT rows.${heldNumber} ${hits} WHERE ${known} AND NOT EXISTS (SELECT 1 FROM ${foreignTable} AS target WHERE ${same('rows', 'target', foreignColumns)})${itself}`
    }
    case 'unique': {
      const first = `SELECT min(other.${heldNumber}) FROM ${held} AS other JOIN syncline_hits AS its ON its.number = other.${heldNumber} WHERE ${same('rows', 'other')}`
      return `SELECT rows.${heldNumber} ${hits} WHERE ${known} AND (rows.${heldNumber} > (${first}) OR EXISTS (SELECT 1 FROM ${others} AS target WHERE ${same('rows', 'target')}))`
    }
  }
}

/** For people, without values. */
export function brokenText({ kind, name }: Constraint): string {
  const what = {
    check: 'a row does not pass the check',
    unique: 'two rows share a value that must be unique',
    reference: 'a row refers to one that is not there',
  }
  return `constraint ${name}: ${what[kind]}`
}
