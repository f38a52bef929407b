import type { Column } from './table.ts'
import type { Type } from './types.ts'

/**
 * The form of row hashes that every engine computes alike: MD5 over the canonical texts of a row's cells (`canonical.ts`), of
 * which the first 15 hexadecimal digits count. Fields are separated by `|`. NULL is an empty field. A text that could hold
 * a `|`, or be empty, is led by its length in bytes of UTF-8 and a `:`, so that `1|11` and `11|1`, NULL and '' differ.
 * @returns its name, which says how each column is written: rows hashed under one name are equal where their hashes are.
 */
export function canonicalForm(columns: readonly { readonly type: Type }[]): string {
  return `md5:${columns.map(({ type }) => (isPlain(type) ? 'p' : 't')).join('')}`
}

/** Whether rows are hashed alike in every engine, and not in a form of one alone. */
export function isCanonical(form: string): boolean {
  return form.startsWith('md5:')
}

/** The column that holds the hash of a row: of 64 bits with a sign. */
export const hashColumn: Column = { name: 'hash', type: { kind: 'integer', bits: 64, signed: true }, nullable: false }

/** Whether a canonical text of the type is never empty and holds no `|`, so that it needs no length. */
export function isPlain({ kind }: Type): boolean {
  return kind !== 'text' && kind !== 'json' && kind !== 'other'
}
