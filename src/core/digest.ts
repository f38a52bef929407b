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

/** Whether a canonical text of the type is never empty and holds no `|`, so that it needs no length. */
export function isPlain({ kind }: Type): boolean {
  return kind !== 'text' && kind !== 'json' && kind !== 'other'
}
