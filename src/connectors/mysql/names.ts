import { ConfigError } from '../../core/errors.ts'
import { formatName, parseName } from '../../core/names.ts'
import type { TableRef } from '../../core/table.ts'
import { identifier } from './sql.ts'

/** A table or view by database and name. */
export interface RelationName {
  readonly database: string
  readonly name: string
}

/**
 * The table that an address means: `orders` in the connection's database, or `sales.orders`.
 * @throws ConfigError where the name has more parts, no database is known, or options are given, of which tables have none.
 */
export function relationName({ name, options }: TableRef, database: string | undefined): RelationName {
  const unknown = Object.keys(options ?? {})[0]
  if (unknown !== undefined) {
    throw new ConfigError({ code: 'UNKNOWN_OPTION', message: `tables of MySQL have no options; found \`${unknown}\`` })
  }
  const [first = '', second, ...more] = parseName(name)
  if (more.length > 0 || first === '') {
    throw new ConfigError({ code: 'BAD_NAME', message: `\`${name}\` is not a table of MySQL: expected \`table\` or \`database.table\`` })
  }
  if (second !== undefined) return { database: first, name: second }
  if (database !== undefined) return { database, name: first }
  throw new ConfigError({
    code: 'BAD_NAME',
    message: `\`${name}\` names no database, and neither does the connection`,
    hint: `write \`database.${name}\`, or name a database in the connection`,
  })
}

/** The inverse of {@link relationName}: the database is left out where it is the connection's. */
export function addressName({ database, name }: RelationName, own: string | undefined): string {
  return formatName(database === own ? [name] : [database, name])
}

/** In SQL, quoted. */
export function qualified({ database, name }: RelationName): string {
  return `${identifier(database)}.${identifier(name)}`
}
