import type { ConnectionDefinition } from './definition.ts'

/** Whether a text begins as a path does (rule 21). */
export function isPath(text: string): boolean {
  return /^(\.{1,2}([\\/]|$)|[\\/]|~([\\/]|$)|[A-Za-z]:[\\/])/.test(text)
}

/** An object as people address it: `shop#public.orders`, `./orders.csv`, `./book.xlsx#Prices`. */
export function formatAddress(connection: ConnectionDefinition, object: string, sheet?: string): string {
  const { name } = connection
  const separator = isPath(name) && connection.type === 'files' ? (/[\\/]$/.test(name) ? '' : '/') : '#'
  // Parameters of an API may be keys.
  const shown = connection.type === 'rest' ? object.replace(/\?.*$/s, '') : object
  return `${name}${separator}${shown}${sheet === undefined ? '' : `#${sheet}`}`
}
