/** A column's type as the catalog tells it, beneath any alias. */
export interface SystemType {
  /** `nvarchar`, `decimal`, `hierarchyid` … */
  readonly name: string
  /** Bytes; -1 for `max`. */
  readonly bytes: number
  readonly precision: number
  readonly scale: number
  /** Of texts only. */
  readonly collation: string | undefined
  /** A type of the common language runtime: `hierarchyid`, `geography`, or one that users made. */
  readonly assembly: boolean
}

/** The type as DDL writes it. `varchar` and `char` say their collation, which decides what characters they hold. */
export function declaration(type: SystemType): string {
  const { name, precision, scale, collation } = type
  switch (name) {
    case 'decimal':
    case 'numeric':
      return `decimal(${precision},${scale})`
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return `${name}(${scale})`
    case 'nvarchar':
    case 'nchar':
    case 'binary':
    case 'varbinary':
      return `${name}(${characters(type) ?? 'max'})`
    case 'varchar':
    case 'char':
      return `${name}(${characters(type) ?? 'max'})${collation === undefined ? '' : ` COLLATE ${collation}`}`
    case 'text':
      return `text${collation === undefined ? '' : ` COLLATE ${collation}`}`
    case 'timestamp':
      return 'rowversion'
    default:
      return name
  }
}

/** The declared length in UTF-16 units (`nvarchar`) or bytes (`varchar`, `varbinary`), `undefined` for `max`. */
export function characters({ name, bytes }: SystemType): number | undefined {
  if (bytes < 0) return undefined
  return name === 'nvarchar' || name === 'nchar' ? bytes / 2 : bytes
}

/**
 * Reads a declaration that {@link declaration} wrote.
 * @returns `undefined` where it is none.
 */
export function parseDeclaration(text: string): SystemType | undefined {
  const [, name, first, second, collation] = /^([a-z_\d]+)(?:\((max|\d+)(?:,(\d+))?\))?(?: COLLATE (\w+))?$/i.exec(text) ?? []
  if (name === undefined) return undefined
  const size = first === undefined || first === 'max' ? -1 : Number(first)
  const isTime = name === 'time' || name === 'datetime2' || name === 'datetimeoffset'
  return {
    name,
    bytes: size < 0 ? -1 : name === 'nvarchar' || name === 'nchar' ? size * 2 : size,
    precision: isTime ? 0 : Math.max(size, 0),
    scale: isTime ? Math.max(size, 0) : Number(second ?? 0),
    collation,
    assembly: ['hierarchyid', 'geography', 'geometry'].includes(name),
  }
}
