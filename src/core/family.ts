import type { SyncDefinition, TableOverrides } from './definition.ts'

/** What stands in the target's name for that of each table, and for that of its schema. */
export const placeholders = /\{(table|schema)\}/g

/** Whether a name is a pattern: `*` stands for any characters, `?` for one. */
export function isPattern(name: string): boolean {
  return /[*?]/.test(name)
}

/** The name of one table's sync: watermarks, runs, rejects and locks are kept by it. */
export function memberName(family: string, table: string): string {
  return `${family}/${table}`
}

/** The family and the table that a name is made of; no sync of a config has a `/` in its own name. */
export function splitMember(name: string): { readonly family: string; readonly table: string } | undefined {
  const [, family, table] = /^([^/]+)\/(.+)$/s.exec(name) ?? []
  return family === undefined || table === undefined ? undefined : { family, table }
}

/** Whether a run's sync is the one of this name, or a table of that family. */
export function belongsTo(sync: string, name: string): boolean {
  return sync === name || splitMember(sync)?.family === name
}

/** The sync of one table before its names are filled in: the family's settings, its own in their place. */
export function withOverrides(family: SyncDefinition, { from, ...own }: TableOverrides): SyncDefinition {
  const mode = own.mode ?? family.mode
  const onReject = own.onReject ?? (own.mode === undefined ? family.onReject : mode === 'replace' ? 'stop' : 'continue')
  // A family's columns are those of some of its tables.
  const redact = own.redact ?? (family.redact && { ...family.redact, strict: false })
  return { ...family, ...own, mode, onReject, from: { ...family.from, ...from }, ...(redact ? { redact } : {}) }
}
