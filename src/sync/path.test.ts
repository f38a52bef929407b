import { describe, expect, test } from 'vitest'
import type { Endpoint } from '../connectors/connector.ts'
import type { SyncDefinition } from '../core/definition.ts'
import type { RowsForm } from '../core/rows.ts'
import type { Column } from '../core/table.ts'
import type { Type } from '../core/types.ts'
import { choosePath, type PathInputs } from './path.ts'

const id: Type = { kind: 'integer', bits: 64, signed: true }

describe('the planner', () => {
  test.each<[string, Partial<Wish>, string]>([
    ['bytes of one system', { offered: ['pgcopy', 'csv'], native: 'bigint' }, 'direct pgcopy'],
    ['text between systems with the same type', { offered: ['csv'] }, 'direct csv'],
    ['text of unknown type, checked on the side', { offered: ['csv'], untyped: true }, 'direct csv audited'],
    ['text of unknown type into a place that judges nothing', { offered: ['csv'], untyped: true, judgesRows: false }, 'streamed'],
    ['no encoding in common', { offered: ['relation'] }, 'streamed'],
    ['another type', { offered: ['csv'], toType: { kind: 'text' } }, 'streamed'],
    ['a comparison', { mode: 'mirror' }, 'staged'],
    ['a cursor that appends', { mode: 'append', cursor: 'id' }, 'staged'],
    ['a filter that the source cannot do', { pushedDown: false }, 'staged'],
    ['verification of every row', { verify: 'full' }, 'staged'],
    ['a replace whose key the source proves', { key: ['id'], sourceUniques: [['id']] }, 'direct csv'],
    ['an append whose key only the source proves', { mode: 'append', key: ['id'], sourceUniques: [['id']] }, 'staged'],
    ['an append whose key the target proves', { mode: 'append', key: ['id'], targetUniques: [['id']] }, 'direct csv'],
    ['a key that nothing proves', { key: ['id'] }, 'staged'],
    ['a key of which a part is unique', { key: ['id', 'other'], targetUniques: [['id']] }, 'direct csv'],
  ])('%s', (_, wish, way) => {
    const path = choosePath(inputs(wish))
    expect([path.way, ...('form' in path ? [path.form] : []), ...('audited' in path && path.audited ? ['audited'] : [])].join(' ')).toBe(
      way,
    )
    expect(path.reason).not.toBe('')
  })
})

interface Wish {
  readonly mode: SyncDefinition['mode']
  readonly verify: SyncDefinition['verify']
  readonly cursor: string
  readonly offered: readonly RowsForm[]
  readonly native: string
  readonly untyped: boolean
  readonly judgesRows: boolean
  readonly toType: Type
  readonly key: readonly string[]
  readonly sourceUniques: readonly (readonly string[])[]
  readonly targetUniques: readonly (readonly string[])[]
  readonly pushedDown: boolean
}

function inputs(wish: Partial<Wish>): PathInputs {
  const native = wish.native === undefined ? {} : { native: { system: 'postgres', name: wish.native } }
  const from: Column = {
    name: 'id',
    type: wish.untyped ? { kind: 'text' } : id,
    nullable: false,
    ...(wish.untyped ? { untyped: true } : {}),
    ...native,
  }
  const to: Column = { name: 'id', type: wish.toType ?? id, nullable: false, ...native }
  const key = wish.key ?? []
  const connection = { name: 'a', type: 'postgres', options: {} }
  return {
    definition: {
      name: 's',
      from: { connection, object: 'a', ...(wish.cursor === undefined ? {} : { cursor: wish.cursor }) },
      to: { connection, object: 'b' },
      mode: wish.mode ?? 'replace',
      verify: wish.verify ?? 'checksum',
      onReject: 'stop',
      after: [],
      tags: [],
    },
    shape: {
      pairs: [{ from, to }],
      key,
      table: { ref: { name: 'b' }, kind: 'table', columns: [to], key, uniques: wish.targetUniques ?? [] },
      exists: true,
      schema: [],
    },
    rows: Object.assign({ columns: [from] }, ...(wish.offered ?? ['csv']).map((form) => ({ [form]: () => [] }))),
    pushedDown: wish.pushedDown ?? true,
    sourceUniques: wish.sourceUniques ?? [],
    target: {
      writer: { accepts: ['pgcopy', 'csv', 'batches'] },
      traits: { readsDuringWrite: true, judgesRows: wish.judgesRows ?? true },
    } as unknown as Endpoint,
  }
}
