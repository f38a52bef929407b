import type { ConnectionDefinition } from '../core/definition.ts'

/** A connection whose secrets are looked up, once, when its `options` are first read, or its `type` where it is not known before. */
export function lazily(name: string, define: () => ConnectionDefinition, type?: string): ConnectionDefinition {
  let defined: ConnectionDefinition | undefined
  const definition = () => {
    defined ??= define()
    return defined
  }
  return {
    name,
    get type() {
      return type ?? definition().type
    },
    get options() {
      return definition().options
    },
    get zone() {
      return definition().zone
    },
  }
}

/** What tells one system from another, no secret looked up for it. */
export function identity(connection: ConnectionDefinition): string {
  const isLazy = Object.getOwnPropertyDescriptor(connection, 'options')?.get !== undefined
  return isLazy ? connection.name : JSON.stringify([connection.type, connection.options])
}
