import type { FieldPacket } from 'mysql2'
import { ConfigError } from '../../core/errors.ts'
import type { Column, Table, TableRef } from '../../core/table.ts'
import { fieldFacts } from './field-facts.ts'
import type { RelationName } from './names.ts'
import type { Session } from './session.ts'
import { literal } from './sql.ts'
import { canonicalType, folding, limitsOf, nativeName, type TypeFacts, textLimitsOf } from './types.ts'

/** A column as the contract knows it, and what the SQL about it needs. */
export interface RelationColumn {
  readonly column: Column
  readonly facts: TypeFacts
}

/** A table, a view, or the result of a query. */
export interface Relation {
  readonly name: RelationName
  readonly kind: 'table' | 'view' | 'query'
  /** `InnoDB`; absent for views and queries. */
  readonly engine: string | undefined
  readonly columns: readonly RelationColumn[]
  readonly uniques: readonly UniqueIndex[]
  readonly rows: number | undefined
  /** The server keeps earlier rows of it by itself (MariaDB). */
  readonly versioned: boolean
}

/** A unique index over whole columns. */
export interface UniqueIndex {
  readonly name: string
  readonly columns: readonly string[]
  readonly primary: boolean
}

/** What a connection says about types. */
export interface TypeOptions {
  readonly tinyint1: 'boolean' | 'integer'
}

/** @returns the relation as the session sees it now, or `undefined` where it does not exist. */
export async function findRelation(session: Session, name: RelationName, options: TypeOptions): Promise<Relation | undefined> {
  const found = (await session.rows(tableSql(name))).find(([spelled]) => session.server.foldsTableNames || spelled === name.name)
  if (!found) return undefined
  const [, kind, engine, rows] = found
  const uniques = await uniqueIndexes(session, name)
  const checks = session.server.flavor === 'mariadb' ? await session.rows(checksSql(name)) : []
  const described = await session.rows(columnsSql(name))
  return {
    name,
    kind: kind === 'VIEW' || kind === 'SYSTEM VIEW' ? 'view' : 'table',
    engine: engine ?? undefined,
    columns: described.map((row) => toColumn(row as ColumnRow, { session, options, checks: checks.map(([clause]) => clause ?? '') })),
    uniques,
    rows: rows === null || rows === undefined ? undefined : Number(rows),
    versioned: kind === 'SYSTEM VERSIONED',
  }
}

/**
 * The result of a query.
 * @throws ConfigError where two of its columns share a name.
 */
export async function queryRelation(session: Session, query: string, options: TypeOptions): Promise<Relation> {
  const fields = await session.fields(`SELECT * FROM (\n${bareQuery(query)}\n) AS q LIMIT 0`)
  const twice = fields.find((field, index) => fields.findIndex((other) => other.name === field.name) !== index)
  if (twice) {
    throw new ConfigError({
      code: 'BAD_QUERY',
      message: `the query gives two columns named \`${twice.name}\``,
      hint: 'name every column: select …, a.id as order_id',
    })
  }
  const columns = fields.map((field) => queryColumn(field, session, options))
  return { name: { database: '', name: '' }, kind: 'query', engine: undefined, columns, uniques: [], rows: undefined, versioned: false }
}

/** Without the semicolon that people end a query with. */
export function bareQuery(query: string): string {
  return query.replace(/[\s;]+$/, '')
}

/** In the words of the contract, without what hangs on it. */
export function toTable(relation: Relation, ref: TableRef): Table {
  const columns = relation.columns.map(({ column }) => column)
  const nullable = new Set(columns.filter((column) => column.nullable).map((column) => column.name))
  return {
    ref,
    kind: relation.kind,
    columns,
    key: relation.uniques.find((index) => index.primary)?.columns ?? [],
    uniques: relation.uniques.filter((index) => !index.columns.some((name) => nullable.has(name))).map((index) => index.columns),
    ...(relation.rows === undefined ? {} : { rows: relation.rows }),
  }
}

type ColumnRow = readonly [
  name: string,
  dataType: string,
  columnType: string,
  nullable: string,
  defaultValue: string | null,
  extra: string,
  precision: string | null,
  scale: string | null,
  length: string | null,
  fraction: string | null,
  collation: string | null,
  generation: string | null,
]

interface Surroundings {
  readonly session: Session
  readonly options: TypeOptions
  readonly checks: readonly string[]
}

function toColumn(row: ColumnRow, { session, options, checks }: Surroundings): RelationColumn {
  const [name, , , nullable, defaultValue, extra, , , , , , generation] = row
  const facts = typeFacts(row, checks)
  const generated = (generation ?? '') !== '' || /\b(VIRTUAL|STORED|PERSISTENT) GENERATED\b/i.test(extra)
  const identity = /auto_increment/i.test(extra)
  const defaulted = identity || generated || /DEFAULT_GENERATED/i.test(extra) || (defaultValue !== null && defaultValue !== 'NULL')
  const folded = folding(facts)
  const type = canonicalType(facts, options.tinyint1)
  const column: Column = {
    name,
    type,
    nullable: nullable === 'YES',
    native: { system: 'mysql', name: nativeName(facts, session.server) },
    ...(generated ? { generated } : {}),
    ...(identity ? { identity: 'default' as const } : {}),
    ...(defaulted ? { defaulted } : {}),
    ...(folded ? { folding: folded } : {}),
    ...limitsOf(type, session.server),
    ...textLimitsOf(facts),
  }
  return { column, facts }
}

function typeFacts(row: ColumnRow, checks: readonly string[]): TypeFacts {
  const [column, name, declared, , , , precision, scale, length, fraction, collation] = row
  // MariaDB's JSON is a long text with a check.
  const isJson = name === 'longtext' && checks.some((clause) => clause === `json_valid(\`${column.replaceAll('`', '``')}\`)`)
  if (isJson) return { name: 'json', declared: 'json' }
  const number = (text: string | null) => (text === null ? undefined : Number(text))
  return {
    name: name.toLowerCase(),
    declared: withoutWidth(declared),
    ...present({ precision: number(precision), scale: number(scale), length: number(length), fraction: number(fraction) }),
    ...(collation === null ? {} : { collation }),
  }
}

/** MySQL 8 writes no display widths but that of `tinyint(1)`; MariaDB writes all of them. */
function withoutWidth(declared: string): string {
  if (declared === 'tinyint(1)' || declared.includes('zerofill')) return declared
  return declared.replace(/^((?:tiny|small|medium|big)?int|year)\(\d+\)/, '$1')
}

function present<Parts extends Readonly<Record<string, number | undefined>>>(parts: Parts): { [Name in keyof Parts]?: number } {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as { [Name in keyof Parts]?: number }
}

function queryColumn(field: FieldPacket, session: Session, options: TypeOptions): RelationColumn {
  const { facts, nullable } = fieldFacts(field)
  const native = { system: 'mysql', name: nativeName(facts, session.server) }
  return { column: { name: field.name, type: canonicalType(facts, options.tinyint1), nullable, native }, facts }
}

async function uniqueIndexes(session: Session, name: RelationName): Promise<readonly UniqueIndex[]> {
  const byName = Map.groupBy(await session.rows(indexesSql(name)), ([index]) => index ?? '')
  const whole = [...byName].filter(([, rows]) => rows.every(([, column, part]) => column !== null && part === null))
  const indexes = whole.map(([index, rows]) => ({
    name: index,
    columns: rows.map(([, column]) => column ?? ''),
    primary: index === 'PRIMARY',
  }))
  return indexes.sort((a, b) => Number(b.primary) - Number(a.primary))
}

const named = ({ database, name }: RelationName) => `TABLE_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)}`

const tableSql = (name: RelationName) =>
  `SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS FROM information_schema.TABLES WHERE ${named(name)}`

const columnsSql = (name: RelationName) => `
SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, NUMERIC_PRECISION, NUMERIC_SCALE, CHARACTER_MAXIMUM_LENGTH,
       DATETIME_PRECISION, COLLATION_NAME, GENERATION_EXPRESSION
  FROM information_schema.COLUMNS WHERE ${named(name)} ORDER BY ORDINAL_POSITION`

const checksSql = ({ database, name }: RelationName) =>
  `SELECT CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)}`

const indexesSql = (name: RelationName) => `
SELECT INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
 WHERE ${named(name)} AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX`
