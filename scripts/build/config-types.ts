/** The parts of JSON Schema that the config's schema uses. */
export interface JsonSchema {
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  /** A list: a tuple. */
  readonly items?: JsonSchema | readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
}

/**
 * The declaration of a type for what a JSON Schema allows, its descriptions as documentation. The config's own type is
 * inferred from zod, which the published package does not bring; this one says the same and shows well in an editor.
 */
export function declareType(name: string, schema: JsonSchema): string {
  return `${documentation(schema, '')}export type ${name} = ${typeOf(schema, '')}\n`
}

function typeOf(schema: JsonSchema, indent: string): string {
  if ('const' in schema) return JSON.stringify(schema.const)
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)))
  if (schema.anyOf) return union(schema.anyOf.map((one) => typeOf(one, indent)))
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type }, indent)))
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type
    case 'number':
    case 'integer':
      return 'number'
    case 'array':
      return listType(schema, indent)
    case 'object':
      return objectType(schema, indent)
    case undefined:
      return 'unknown'
    default:
      throw new Error(`no type is known for ${JSON.stringify(schema)}`)
  }
}

function listType({ items = {} }: JsonSchema, indent: string): string {
  if ('length' in items) return `[${items.map((item) => typeOf(item, indent)).join(', ')}]`
  return `(${typeOf(items, indent)})[]`
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ')
}

function objectType({ properties = {}, required = [], additionalProperties }: JsonSchema, indent: string): string {
  const inner = `${indent}  `
  const members = Object.entries(properties).map(([name, schema]) => {
    const type = typeOf(schema, inner)
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
    const member = required.includes(name) ? `${key}: ${type}` : `${key}?: ${type} | undefined`
    return `${documentation(schema, inner)}${inner}${member}\n`
  })
  if (typeof additionalProperties === 'object') members.push(`${inner}[name: string]: ${typeOf(additionalProperties, inner)}\n`)
  return `{\n${members.join('')}${indent}}`
}

function documentation({ description }: JsonSchema, indent: string): string {
  return description === undefined ? '' : `${indent}/** ${description} */\n`
}
