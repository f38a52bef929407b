import { cellReading } from './reading-cells.ts'
import { declaration, type SystemType } from './system-type.ts'

/** How the server makes a value of a column from what was loaded, and how it tells that nothing was bent. */
export interface CellWriting {
  /** The value as SQL; NULL, or a refused statement, where there is none. */
  expression(loaded: string): string
  /** SQL that is true where the value says exactly what was loaded; absent where it always does. Asked of cells that are not NULL. */
  exact?(loaded: string): string
}

export function cellWriting(type: SystemType): CellWriting {
  const { name, scale } = type
  const declared = declaration(type).replace(/ COLLATE .*$/, '')
  switch (name) {
    case 'bit':
    case 'float':
    case 'nvarchar':
    case 'nchar':
    case 'ntext':
    case 'binary':
    case 'varbinary':
    case 'image':
      return { expression: (loaded) => `CONVERT(${declared}, ${loaded})` }
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'uniqueidentifier':
      return converted(`TRY_CONVERT(${declared}, LOADED)`, (value) => `${value} IS NOT NULL`)
    case 'real':
      return converted('TRY_CONVERT(real, LOADED)', (value, loaded) => `CONVERT(float(53), ${value}) = ${loaded}`)
    case 'varchar':
    case 'char':
    case 'text':
      return inCodePage(type, declared)
    case 'datetimeoffset':
      return {
        ...unrounded(`datetime2(${scale})`, 'datetime2(7)'),
        expression: (loaded) => `TODATETIMEOFFSET(TRY_CONVERT(datetime2(${scale}), ${loaded}, 121), '+00:00')`,
      }
    case 'datetime2':
      return unrounded(declared, 'datetime2(7)')
    case 'time':
      return unrounded(declared, 'time(7)')
    case 'datetime':
      return readBack(type, `TRY_CONVERT(${declared}, LOADED, 121)`)
    case 'smalldatetime':
      return readBack(type, `TRY_CONVERT(${declared}, LOADED, 120)`)
    case 'date':
      return readBack(type, `TRY_CONVERT(${declared}, LOADED, 23)`)
    case 'xml':
      return readBack(type, 'TRY_CONVERT(xml, LOADED, 1)')
    case 'geography':
    case 'geometry':
      return { expression: (loaded) => wellKnownText(name, loaded) }
    default:
      return readBack(type, `TRY_CONVERT(${declared}, LOADED)`)
  }
}

function converted(sql: string, exact: (value: string, loaded: string) => string): CellWriting {
  const expression = (loaded: string) => sql.replaceAll('LOADED', () => loaded)
  return { expression, exact: (loaded) => exact(expression(loaded), loaded) }
}

/** Rounding and cutting show when the value is read as any other would be: its text must be the one that was loaded. */
function readBack(type: SystemType, sql: string): CellWriting {
  const reading = cellReading(type)
  return converted(sql, (value, loaded) => sameText(reading.expression(value), loaded))
}

/** A fraction of a second that is rounded is not the one that seven digits say, and no more than seven are loaded. */
function unrounded(declared: string, finest: string): CellWriting {
  return converted(`TRY_CONVERT(${declared}, LOADED, 121)`, (value, loaded) => `${value} = TRY_CONVERT(${finest}, ${loaded}, 121)`)
}

/** A character that the code page lacks becomes another one, or a question mark, without a word. */
function inCodePage(type: SystemType, declared: string): CellWriting {
  const collate = type.collation === undefined ? '' : ` COLLATE ${type.collation}`
  const whole = type.name === 'char' ? 'varchar(8000)' : 'varchar(max)'
  const exact = (loaded: string) => {
    const bytes = `CONVERT(${whole}, ${loaded}${collate})`
    const length = type.bytes < 0 || type.name === 'text' ? '' : ` AND DATALENGTH(${bytes}) <= ${type.bytes}`
    return `${sameText(`CONVERT(nvarchar(max), ${bytes})`, loaded)}${length}`
  }
  return { expression: (loaded) => `CONVERT(${declared}, ${loaded}${collate})`, exact }
}

/** Trailing spaces count too, which `=` ignores. Loaded texts have a binary collation. */
function sameText(one: string, loaded: string): string {
  return `${one} = ${loaded} AND DATALENGTH(CONVERT(nvarchar(max), ${one})) = DATALENGTH(${loaded})`
}

/** `SRID=4326;POINT (1 2)`, as it is read. */
function wellKnownText(name: string, loaded: string): string {
  const at = `CHARINDEX(N';', ${loaded})`
  const [shape, reference] = [`SUBSTRING(${loaded}, ${at} + 1, LEN(${loaded}))`, `TRY_CONVERT(int, SUBSTRING(${loaded}, 6, ${at} - 6))`]
  return `CASE WHEN ${at} > 6 THEN ${name}::STGeomFromText(${shape}, ${reference}) END`
}
