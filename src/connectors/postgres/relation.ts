import { ConfigError } from '../../core/errors.ts'
import type { Column, Table, TableRef } from '../../core/table.ts'
import { type CatalogType, catalogTypes } from './catalog-types.ts'
import type { RelationName } from './names.ts'
import type { Session } from './session.ts'
import { folding, refusing } from './types.ts'

/** A column as the contract knows it, and what the SQL about it needs. */
export interface RelationColumn {
  readonly column: Column
  readonly type: CatalogType
  /** Whether its collation takes different texts as equal. */
  readonly looseCollation: boolean
}

/** What PostgreSQL calls a relation: table, partitioned or foreign table, view, materialized view; or the result of a query. */
export interface Relation {
  readonly oid: number
  readonly name: RelationName
  /** `pg_class.relkind`; `q` for a query. */
  readonly kind: 'r' | 'p' | 'f' | 'v' | 'm' | 'q'
  /** Blocks on disk of a plain heap table, whose rows can be read by ranges of their place; else 0. */
  readonly blocks: number
  readonly columns: readonly RelationColumn[]
  readonly uniques: readonly UniqueIndex[]
  readonly rows: number | undefined
}

/** A unique index over whole columns that covers every row. */
export interface UniqueIndex {
  readonly columns: readonly string[]
  readonly primary: boolean
  /** Judged at once, row by row, and not at the end of the statement or transaction. */
  readonly immediate: boolean
}

/** @returns the relation as the session sees it now, or `undefined` where it does not exist. */
export async function findRelation(session: Session, name: RelationName): Promise<Relation | undefined> {
  return await withQualifiedNames(session, async () => {
    const [found] = await session.rows<RelationRow>(relationSql, [name.schema, name.name])
    if (!found) return undefined
    const attributes = await session.rows<AttributeRow>(attributesSql, [found.oid])
    const uniques = await session.rows<UniqueIndex>(uniquesSql, [found.oid])
    return { ...found, name, columns: await relationColumns(session, attributes), uniques, rows: found.rows ?? undefined }
  })
}

/**
 * The result of a query, planned but not run.
 * @throws ConfigError where two of its columns share a name or one has none.
 */
export async function queryRelation(session: Session, query: string): Promise<Relation> {
  const fields = await session.fields(`SELECT * FROM (\n${bareQuery(query)}\n) AS q LIMIT 0`)
  const twice = fields.find((field, index) => field.name === '?column?' || fields.findIndex((other) => other.name === field.name) !== index)
  if (twice) {
    throw new ConfigError({
      code: 'BAD_QUERY',
      message: `the query gives ${twice.name === '?column?' ? 'a column without a name' : `two columns named \`${twice.name}\``}`,
      hint: 'name every column: select …, a.id as order_id',
    })
  }
  const attributes = fields.map(({ name, oid, typmod }) => ({ ...plainAttribute, name, oid, typmod }))
  const columns = await withQualifiedNames(session, async () => await relationColumns(session, attributes))
  return { oid: 0, name: { schema: '', name: '' }, kind: 'q', blocks: 0, columns, uniques: [], rows: undefined }
}

/** Without the semicolon that people end a query with. */
export function bareQuery(query: string): string {
  return query.replace(/[\s;]+$/, '')
}

/** In the words of the contract, without what hangs on it. */
export function toTable(relation: Relation, ref: TableRef): Table {
  const columns = relation.columns.map(({ column }) => column)
  const nullable = new Set(columns.filter((column) => column.nullable).map((column) => column.name))
  const sets = relation.uniques.filter((index) => !index.columns.some((name) => nullable.has(name))).map((index) => index.columns)
  return {
    ref,
    kind: { r: 'table', p: 'table', f: 'table', v: 'view', m: 'view', q: 'query' }[relation.kind] as Table['kind'],
    columns,
    key: relation.uniques.find((index) => index.primary)?.columns ?? [],
    uniques: sets,
    ...(relation.rows === undefined ? {} : { rows: relation.rows }),
  }
}

/** Runs `work` with an empty search path, so that the catalog's functions write every name with its schema. */
export async function withQualifiedNames<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.execute("SET search_path = ''")
  try {
    return await work()
  } finally {
    // In a transaction that failed this fails too, and the rollback restores the path.
    await session.execute(`SET search_path = ${session.server.searchPath}`).catch(() => {})
  }
}

interface RelationRow {
  readonly oid: number
  readonly kind: Relation['kind']
  readonly blocks: number
  readonly rows: number | null
}

interface AttributeRow {
  readonly name: string
  readonly oid: number
  readonly typmod: number
  readonly notNull: boolean
  readonly identity: '' | 'a' | 'd'
  readonly generated: boolean
  readonly defaulted: boolean
  /** As SQL writes it, where it is not deterministic. */
  readonly looseCollation: string | null
}

const plainAttribute = { notNull: false, identity: '', generated: false, defaulted: false, looseCollation: null } as const

async function relationColumns(session: Session, attributes: readonly AttributeRow[]): Promise<readonly RelationColumn[]> {
  const types = await catalogTypes(session, attributes)
  return types.flatMap((type, index) => {
    const attribute = attributes[index]
    return attribute ? [{ column: toColumn(attribute, type), type, looseCollation: attribute.looseCollation !== null }] : []
  })
}

function toColumn(attribute: AttributeRow, { type, native, base, name, notNull }: CatalogType): Column {
  const folded = folding(base.oid, name, attribute.looseCollation)
  return {
    name: attribute.name,
    type,
    nullable: !attribute.notNull && !notNull,
    native,
    ...(attribute.generated ? { generated: true } : {}),
    ...(attribute.identity === '' ? {} : { identity: attribute.identity === 'a' ? 'always' : 'default' }),
    ...(attribute.defaulted ? { defaulted: true } : {}),
    ...(folded ? { folding: folded } : {}),
    ...refusing(type),
  }
}

const relationSql = `
SELECT c.oid, c.relkind AS kind, CASE WHEN c.reltuples >= 0 THEN c.reltuples::float8 END AS rows,
       CASE WHEN c.relkind = 'r' AND m.amname = 'heap'
            THEN pg_catalog.pg_relation_size(c.oid)::float8 / current_setting('block_size')::int ELSE 0 END AS blocks
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam
 WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'f', 'v', 'm')`

const attributesSql = `
SELECT a.attname AS name, a.atttypid AS oid, a.atttypmod AS typmod, a.attnotnull AS "notNull", a.attidentity AS identity,
       a.attgenerated <> '' AS generated, a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL AS defaulted,
       CASE WHEN NOT l.collisdeterministic THEN l.collnamespace::pg_catalog.regnamespace || '.' || pg_catalog.quote_ident(l.collname) END
         AS "looseCollation"
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
 WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum`

const uniquesSql = `
SELECT i.indisprimary AS primary, i.indimmediate AS immediate,
       (SELECT array_agg(a.attname::text ORDER BY k.n)
          FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE k.n <= i.indnkeyatts) AS columns
  FROM pg_catalog.pg_index i
 WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
 ORDER BY i.indisprimary DESC, i.indexrelid`
