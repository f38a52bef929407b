import { ConfigError } from '../../core/errors.ts'
import { formatName, parseName } from '../../core/names.ts'
import type { TableRef } from '../../core/table.ts'
import { identifier } from './sql.ts'

/** A table or view by schema and name, exact-case. */
export interface ObjectName {
  readonly schema: string
  readonly name: string
}

/**
 * The object that an address means: `orders` in the default schema, or `sales.orders`.
 * @throws ConfigError where the name has more parts, or options are given, of which tables have none.
 */
export function objectName({ name, options }: TableRef, defaultSchema: string): ObjectName {
  const unknown = Object.keys(options ?? {})[0]
  if (unknown !== undefined) {
    throw new ConfigError({ code: 'UNKNOWN_OPTION', message: `tables of SQL Server have no options; found \`${unknown}\`` })
  }
  const [first = '', second, ...more] = parseName(name)
  if (more.length > 0 || first === '') {
    throw new ConfigError({
      code: 'BAD_NAME',
      message: `\`${name}\` is not a table of SQL Server: expected \`table\` or \`schema.table\``,
      hint: 'a connection reads one database: another one needs a connection of its own',
    })
  }
  return second === undefined ? { schema: defaultSchema, name: first } : { schema: first, name: second }
}

/** The inverse of {@link objectName}: the schema is left out where it is the default. */
export function addressName({ schema, name }: ObjectName, defaultSchema: string): string {
  return formatName(schema === defaultSchema ? [name] : [schema, name])
}

/** In SQL, quoted. */
export function qualified({ schema, name }: ObjectName): string {
  return `${identifier(schema)}.${identifier(name)}`
}
