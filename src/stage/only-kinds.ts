import type { ChangeKind } from '../core/changes.ts'
import { ComparedRelations } from './compared.ts'
import type { Engine } from './engine.ts'

/** The changes of some kinds alone; nothing is copied. */
export function onlyKinds(engine: Engine, { parts }: ComparedRelations, kinds: readonly ChangeKind[]): ComparedRelations {
  const rows = (kind: ChangeKind) => (kinds.includes(kind) ? parts[`${kind}s`] : 0)
  const from = `(SELECT * FROM ${parts.from} WHERE kind IN (${kinds.map((kind) => `'${kind}'`).join(', ')}))`
  return new ComparedRelations(engine, { ...parts, from, inserts: rows('insert'), updates: rows('update'), deletes: rows('delete') })
}
