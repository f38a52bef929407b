import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Reject } from '../core/changes.ts'
import { CancelledError, ConfigError, NotDirectError, RunError } from '../core/errors.ts'
import type { Rows } from '../core/rows.ts'
import type { Column } from '../core/table.ts'
import { formatType, parseType } from '../core/types.ts'
import type { Value } from '../core/value.ts'
import { type Compared, type Conforming, type Landed, Stage } from './stage.ts'

let directory: string
let stage: Stage

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-stage-'))
  stage = await open()
})

afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  // The stage leaves nothing behind.
  expect(await readdir(directory)).toEqual([])
  await rm(directory, { recursive: true })
})

async function open(signal = new AbortController().signal): Promise<Stage> {
  return await Stage.open({ directory, memoryLimit: '200MB', signal })
}

function column(name: string, type: string, more: Partial<Column> = {}): Column {
  return { name, type: parseType(type), nullable: true, ...more }
}

function batches(columns: readonly Column[], rows: readonly (readonly Value[])[]): Rows {
  return {
    columns,
    async *batches() {
      if (rows.length > 0) yield { rows: rows.length, cells: columns.map((_, index) => rows.map((row) => row[index] ?? null)) }
    },
  }
}

function untyped(names: readonly string[], rows: readonly (readonly Value[])[]): Rows {
  return batches(
    names.map((name) => column(name, 'text', { untyped: true })),
    rows,
  )
}

function exactly(columns: readonly Column[]): readonly Conforming[] {
  return columns.map((to) => ({ from: to.name, to, held: 'native', trusted: false }))
}

async function staged(columns: readonly Column[], rows: readonly (readonly Value[])[], key: readonly string[] = []) {
  return await stage.conform(await stage.land(batches(columns, rows)), { columns: exactly(columns), key, enforce: true })
}

async function rejects(): Promise<readonly Reject[]> {
  return (await allOf(stage.rejects())).flat()
}

async function allOf<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

async function rowsOf(rows: Rows): Promise<readonly (readonly Value[])[]> {
  const found: Value[][] = []
  for await (const { rows: count, cells } of rows.batches?.() ?? [])
    for (let row = 0; row < count; row++) found.push(cells.map((cell) => cell[row] ?? null))
  return found
}

async function textOf(rows: Rows): Promise<string> {
  let text = ''
  for (const part of rows.csv?.(2) ?? []) for await (const bytes of part) text += Buffer.from(bytes).toString()
  return text
}

const people = [column('id', 'integer', { nullable: false }), column('name', 'text(5)'), column('paid', 'decimal(6,2)')]

describe('conform', () => {
  test('sets aside rows that do not fit, with their texts and the first reason', async () => {
    const landed = await stage.land(
      untyped(
        ['id', 'name', 'paid'],
        [
          ['1', 'Ada', '1.50'],
          ['x', 'Bob', '2.00'],
          ['3', 'Carola', '3.00'],
          ['4', '👩‍👩‍👧', '4.555'],
          [null, 'Dora', '5.00'],
          ['6', '🦆🦆🦆🦆🦆', '6'],
        ],
      ),
    )
    const { staged, read, overflow } = await stage.conform(landed, { columns: exactly(people), key: ['id'], enforce: true })
    expect([read, staged.rows, overflow, stage.rejected]).toEqual([6, 2, [], 4])
    expect(await stage.sample(staged, 10)).toEqual([
      ['1', 'Ada', '1.50'],
      ['6', '🦆🦆🦆🦆🦆', '6.00'],
    ])
    const found = (await rejects()).map(({ reason, column: name, row }) => [reason, name, row.id])
    expect(found).toEqual(
      expect.arrayContaining([
        ['value', 'id', 'x'],
        ['too long', 'name', '3'],
        ['value', 'paid', '4'],
        ['null key', 'id', null],
      ]),
    )
    expect((await rejects()).find(({ row }) => row.id === '4')?.row).toEqual({ id: '4', name: '👩‍👩‍👧', paid: '4.555' })
  })

  test('rejects a NULL where the target needs a value', async () => {
    const columns = [
      column('id', 'integer'),
      column('name', 'text', { nullable: false }),
      column('sum', 'integer', { nullable: false, generated: true }),
    ]
    const { staged: found } = await staged(
      columns,
      [
        [1, 'a', null],
        [2, null, null],
      ],
      ['id'],
    )
    expect(found.rows).toBe(1)
    expect(await rejects()).toMatchObject([{ reason: 'not null', column: 'name', row: { id: '2' } }])
  })

  test.each([
    [{ case: 'unicode' }, ['Ä', 'ä', 'a'], 1],
    [{ case: 'ascii' }, ['Ä', 'ä', 'B', 'b'], 2],
    [{ pad: true }, ['a', 'a  ', ' a'], 1],
    [{ case: 'unicode', pad: true }, ['X ', 'x', 'y'], 1],
    [undefined, ['a', 'A', 'a ', 'b', 'b'], 3],
  ] as const)('every row of a key that is not its own is a reject: folding %j', async (folding, keys, left) => {
    const columns = [column('key', 'text', folding ? { folding } : {}), column('n', 'integer')]
    const { staged: found, read } = await staged(
      columns,
      keys.map((key, n) => [key, n]),
      ['key'],
    )
    expect([read, found.rows, stage.rejected]).toEqual([keys.length, left, keys.length - left])
    expect(new Set((await rejects()).map(({ reason }) => reason))).toEqual(new Set(['duplicate key']))
  })

  test('a row that is rejected for another reason still makes its key a shared one', async () => {
    const { staged: found } = await staged(
      people,
      [
        [1, 'Ada', '1'],
        [1, 'too long a name', '1'],
        [2, 'Bob', '1'],
      ],
      ['id'],
    )
    expect(found.rows).toBe(1)
    expect((await rejects()).map(({ reason }) => reason).toSorted()).toEqual(['duplicate key', 'too long'])
  })

  test('leaves out rows outside the predicate, and keeps as rejects those that cannot tell', async () => {
    const landed = await stage.land(
      untyped(
        ['id', 'name', 'paid'],
        [
          ['1', 'a', '1'],
          ['2', 'b', '20'],
          ['3', 'c', 'x'],
          ['4', 'd', null],
        ],
      ),
    )
    const { staged: found, read } = await stage.conform(landed, { columns: exactly(people), key: ['id'], where: 'paid > 5' })
    expect([read, found.rows, stage.rejected]).toEqual([2, 1, 1])
  })

  test('reads from a cursor on, by value and not by text', async () => {
    const landed = await stage.land(
      untyped(
        ['id', 'name', 'paid'],
        [
          ['9', 'a', '1'],
          ['10', 'b', '1'],
          ['11', 'c', '1'],
          [null, 'd', '1'],
        ],
      ),
    )
    const { staged: found } = await stage.conform(landed, { columns: exactly(people), cursor: { column: 'id', from: '10' } })
    expect((await stage.sample(found, 9)).map(([id]) => id)).toEqual(['10', '11', null])
  })

  test('a predicate means the columns by their names, whatever the stage calls them inside', async () => {
    const columns = ['x', 'c0', 'f0', 'l0', 'original'].map((name) => column(name, 'integer'))
    const landed = await stage.land(
      batches(columns, [
        [1, 2, 3, 4, 5],
        [5, 4, 3, 2, 1],
      ]),
    )
    for (const where of ['c0 = 2', 'f0 = 3 AND l0 = 4', 'original = 5']) {
      const { staged: found } = await stage.conform(landed, { columns: exactly(columns), key: ['x'], where })
      expect(await stage.sample(found, 5)).toEqual([['1', '2', '3', '4', '5']])
    }
  })

  test('a predicate that names no column is a config error', async () => {
    const landed = await stage.land(batches(people, [[1, 'a', '1']]))
    await expect(stage.conform(landed, { columns: exactly(people), where: 'payed > 5' })).rejects.toThrow(ConfigError)
  })

  test('reports cells of the very type that do not fit the engine, and holds them as text then', async () => {
    const columns = [column('id', 'integer'), column('at', 'timestamp(6)'), column('sum', 'decimal(10,2)')]
    const landed = await stage.land(
      batches(columns, [
        [1, '294276-12-31 23:59:59', 'NaN'],
        [2, '2024-01-01 00:00:00', '1.00'],
      ]),
    )
    const trusted = columns.map((to): Conforming => ({ from: to.name, to, held: 'native', trusted: true }))
    expect((await stage.conform(landed, { columns: trusted })).overflow).toEqual(['at', 'sum'])
    const asText = trusted.map((one): Conforming => ({ ...one, held: 'text' }))
    const again = await stage.conform(landed, { columns: asText, key: ['id'] })
    expect(again.overflow).toEqual([])
    expect(await stage.sample(again.staged, 5)).toEqual([
      ['1', '294276-12-31 23:59:59', 'NaN'],
      ['2', '2024-01-01 00:00:00', '1.00'],
    ])
  })

  test('conforming the same rows again replaces what came of them', async () => {
    const landed = await stage.land(
      untyped(
        ['id', 'name', 'paid'],
        [
          ['1', 'a', 'x'],
          ['2', 'b', '1'],
        ],
      ),
    )
    for (const held of ['native', 'text', 'native'] as const) {
      const { staged: found } = await stage.conform(landed, { columns: exactly(people).map((one) => ({ ...one, held })), key: ['id'] })
      expect([found.rows, stage.rejected, (await rejects()).length]).toEqual([1, 1, 1])
    }
  })

  test('asks the target about every distinct text that is held as text', async () => {
    const doc = column('doc', 'json')
    const landed = await stage.land(untyped(['doc'], [['{"a":1}'], ['{"a":1}'], ['{'], [null], ['2']]))
    const asked: string[] = []
    const judge = async (texts: readonly string[]) => {
      asked.push(...texts)
      return texts.map((text) => (text === '{' ? null : `${text} `))
    }
    const { staged: found } = await stage.conform(landed, { columns: [{ from: 'doc', to: doc, held: 'text', trusted: false, judge }] })
    expect(asked.toSorted()).toEqual(['2', '{', '{"a":1}'])
    expect((await stage.sample(found, 9)).flat()).toEqual(expect.arrayContaining(['{"a":1} ', '{"a":1} ', null, '2 ']))
    expect(await rejects()).toMatchObject([{ reason: 'value', column: 'doc', row: { doc: '{' } }])
  })

  test('asks the target only about texts that do not fit where the column is native', async () => {
    const at = column('at', 'timestamp(6)')
    const landed = await stage.land(untyped(['at'], [['2024-01-01 00:00:00'], ['294276-12-31 23:59:59'], ['soon']]))
    const judge = async (texts: readonly string[]) => texts.map((text) => (text === 'soon' ? null : text))
    const one: Conforming = { from: 'at', to: at, held: 'native', trusted: false, judge }
    expect((await stage.conform(landed, { columns: [one] })).overflow).toEqual(['at'])
    const refusing: Conforming = { ...one, judge: async (texts) => texts.map(() => null) }
    expect((await stage.conform(landed, { columns: [refusing] })).overflow).toEqual([])
    expect(stage.rejected).toBe(2)
  })

  test('where one cell of a column is past what the stage holds, the others are still read, and only that one is asked about', async () => {
    const columns = [
      column('tz', 'timestamptz(6)'),
      column('at', 'timestamp(6)'),
      column('sum', 'decimal(12,2)'),
      column('wide', 'decimal(50,1)'),
    ]
    const rows = [
      ['2024-03-31 02:30:00+02', '2024-3-1', '1.5', '7'],
      ['294276-12-31 23:59:59+00', '294276-12-31 00:00:00', 'NaN', 'NaN'],
      ['soon', '2024-02-31', '1.555', '1.55'],
    ]
    const landed = await stage.land(
      untyped(
        columns.map(({ name }) => name),
        rows,
      ),
    )
    const asked: string[] = []
    const judge = async (texts: readonly string[]) => {
      asked.push(...texts)
      return texts.map((text) => (/^294276|^NaN$/.test(text) ? text : null))
    }
    const conforming = columns.map((to): Conforming => ({ from: to.name, to, held: 'text', trusted: false, judge }))
    const { staged: found } = await stage.conform(landed, { columns: conforming, enforce: true })
    const wanted = [['2024-03-31 00:30:00+00', '2024-03-01 00:00:00', '1.50', '7.0'], rows[1]]
    expect((await stage.sample(found, 9)).toSorted()).toEqual(wanted)
    expect(new Set(asked)).toEqual(new Set([...(rows[1]?.slice(0, 3) ?? []), ...(rows[2] ?? [])]))
    expect(await rejects()).toMatchObject([{ reason: 'value', row: { tz: 'soon' } }])
  })

  test('a text that the target holds in another spelling meets the same value of the source', async () => {
    const columns = [column('id', 'integer'), column('sum', 'decimal(12,2)'), column('day', 'date')]
    const asText = (trusted: boolean) =>
      columns.map((to): Conforming => ({ from: to.name, to, held: to.name === 'id' ? 'native' : 'text', trusted }))
    const land = async (rows: readonly (readonly Value[])[], trusted: boolean) =>
      await stage.conform(await stage.land(batches(columns, rows)), { columns: asText(trusted) })
    const ours = await land(
      [
        [1, '1.5', '2024-1-5'],
        [2, '3', null],
      ],
      false,
    )
    const theirs = await land(
      [
        [1, '1.50', '2024-01-05'],
        [2, '3.00', null],
        [3, 'NaN', '0001-01-01 BC'],
      ],
      true,
    )
    const trusted = await land(
      [
        [1, '1.5', '2024-1-5'],
        [2, '+3', null],
        [3, 'NaN', '0001-01-01 BC'],
      ],
      true,
    )
    expect((await stage.compare(ours.staged, theirs.staged, { key: ['id'], mode: 'upsert' })).unchanged).toBe(2)
    expect((await stage.compare(trusted.staged, theirs.staged, { key: ['id'], mode: 'mirror' })).unchanged).toBe(3)
  })

  test('numbers of another system fit an unbounded decimal without being asked about', async () => {
    const landed = await stage.land(batches([column('n', 'bigint')], [[7], [null]]))
    const judge = async (texts: readonly string[]) => texts.map(() => null)
    const to = column('n', 'decimal')
    const { staged: found } = await stage.conform(landed, {
      columns: [{ from: 'n', to, held: 'text', trusted: false, judge }],
      enforce: true,
    })
    expect((await stage.sample(found, 9)).flat()).toEqual(expect.arrayContaining(['7', null]))
  })

  test('native cells of another type are exact too', async () => {
    const relation = async () => ({
      sql: `(SELECT * FROM (VALUES (1::BIGINT, 1.25::DOUBLE, DATE '2024-02-29'), (3000000000, 0.1, NULL)))`,
      cells: 'native' as const,
      release: async () => {},
    })
    const columns = [column('id', 'bigint'), column('sum', 'double'), column('day', 'date')]
    const landed = await stage.land({ columns, relation })
    const to = [column('id', 'integer'), column('sum', 'decimal(6,2)'), column('day', 'timestamp(6)')]
    const { staged: found } = await stage.conform(landed, { columns: exactly(to) })
    expect(await stage.sample(found, 5)).toEqual([['1', '1.25', '2024-02-29 00:00:00']])
    expect(await rejects()).toMatchObject([{ reason: 'value', column: 'id', row: { id: '3000000000', sum: '0.1', day: null } }])
  })

  test('a 32-bit float becomes the same 64-bit float, whichever engine wrote it', async () => {
    const [from, to] = [[column('f', 'real')], [column('f', 'double')]]
    const texts = ['388697.62', '388697.625', '388697.63', '0.1', '-1e-45', '16777216', 'NaN', '-Infinity', null]
    const wanted = ['388697.62', '388697.62', '388697.62', '0.1', '-1e-45', '16777216', 'NaN', '-Infinity', null]
    const written = await stage.land(
      batches(
        from,
        texts.map((text) => [text]),
      ),
    )
    expect((await stage.sample((await stage.conform(written, { columns: exactly(to) })).staged, 9)).flat()).toEqual(wanted)
    expect((await textOf(stage.stream(written, exactly(to)))).slice(0, -1).split('\n')).toEqual(wanted.map((text) => text ?? ''))
    const sql = `(SELECT t::FLOAT FROM (VALUES ${texts.map((text) => (text === null ? '(NULL)' : `('${text}')`)).join(', ')}) AS v(t))`
    const native = await stage.land({ columns: from, relation: async () => ({ sql, cells: 'native', release: async () => {} }) })
    expect((await stage.sample((await stage.conform(native, { columns: exactly(to) })).staged, 9)).flat()).toEqual(wanted)
  })

  test('tells faults of many columns apart', async () => {
    const names = Array.from({ length: 130 }, (_, index) => `n${index}`)
    const landed = await stage.land(
      untyped(
        names,
        names.map((_, row) => names.map((_name, index) => (index === row ? 'x' : '1'))),
      ),
    )
    const { staged: found } = await stage.conform(landed, { columns: exactly(names.map((name) => column(name, 'smallint'))) })
    expect(found.rows).toBe(0)
    expect((await rejects()).map(({ column: name }) => name).toSorted()).toEqual(names.toSorted())
  })

  test('names that differ only in case stay apart', async () => {
    const columns = [column('Id', 'integer'), column('id', 'text'), column('c0', 'text')]
    const { staged: found } = await staged(columns, [[1, 'x', 'y']], ['Id'])
    expect(await stage.sample(found, 1)).toEqual([['1', 'x', 'y']])
    expect(await textOf(stage.rows(found))).toBe('1,x,y\n')
  })
})

describe('audit', () => {
  test('counts what conform would reject', async () => {
    const landed = await stage.land(
      untyped(
        ['id', 'name', 'paid'],
        [
          ['1', 'a', '1'],
          ['2', 'too long', '20'],
          ['3', 'c', '1.555'],
        ],
      ),
    )
    expect(await stage.audit(landed, { columns: exactly(people), enforce: true })).toEqual({ rows: 3, unfit: 2 })
  })
})

describe('compare', () => {
  const source = [
    [1, 'same', '1.00'],
    [2, 'new', '1.00'],
    [3, null, '1.00'],
    [4, '', '1.00'],
  ]
  const target = [
    [1, 'same', '1.00'],
    [2, 'old', '1.00'],
    [4, null, '1.00'],
    [9, 'gone', '1.00'],
  ]

  async function compareBoth(
    mode: 'mirror' | 'upsert' | 'append',
    a: readonly (readonly Value[])[],
    b: readonly (readonly Value[])[],
  ): Promise<Compared> {
    const ours = await staged(people, a, ['id'])
    const theirs = await stage.conform(await stage.land(batches(people, b)), { columns: exactly(people) })
    return await stage.compare(ours.staged, theirs.staged, { key: ['id'], mode })
  }

  function counts({ inserts, updates, deletes, unchanged, withheldDeletes }: Compared) {
    return [inserts.count, updates.count, deletes.count, unchanged, withheldDeletes]
  }

  test('mirror finds inserts, updates with their before images, and deletes', async () => {
    const found = await compareBoth('mirror', source, target)
    expect(counts(found)).toEqual([1, 2, 1, 1, 0])
    expect(found.updates.columns.map(({ name }) => name)).toEqual(['id', 'name', 'paid', 'before:id', 'before:name', 'before:paid'])
    expect(await rowsOf(found.inserts)).toEqual([[3, null, '1.00']])
    expect(await rowsOf(found.updates)).toEqual(
      expect.arrayContaining([
        [2, 'new', '1.00', 2, 'old', '1.00'],
        [4, '', '1.00', 4, null, '1.00'],
      ]),
    )
    expect(await textOf(found.deletes)).toBe('9,gone,1.00\n')
    expect((await allOf(found.touched(3))).flat().toSorted()).toEqual([['2'], ['3'], ['4'], ['9']])
    expect(await found.samples(1)).toEqual([
      { kind: 'insert', before: null, after: ['3', null, '1.00'] },
      { kind: 'update', before: ['2', 'old', '1.00'], after: ['2', 'new', '1.00'] },
      { kind: 'delete', before: ['9', 'gone', '1.00'], after: null },
    ])
    expect(found.after.rows).toBe(3)
    expect((await stage.sample(found.after, 9)).toSorted()).toEqual([
      ['2', 'new', '1.00'],
      ['3', null, '1.00'],
      ['4', '', '1.00'],
    ])
  })

  test('upsert deletes nothing, append only adds and rejects what is there with other cells', async () => {
    expect(counts(await compareBoth('upsert', source, target))).toEqual([1, 2, 0, 1, 0])
    expect(stage.rejected).toBe(0)
    expect(counts(await compareBoth('append', source, target))).toEqual([1, 0, 0, 1, 0])
    expect(await rejects()).toMatchObject([{ reason: 'exists' }, { reason: 'exists' }])
  })

  test('a rejected row is no delete', async () => {
    const found = await compareBoth('mirror', [...source, [9, 'too long a name', '1.00']], target)
    expect(counts(found)).toEqual([1, 2, 0, 1, 0])
  })

  test('a reject whose key is NULL withholds every delete', async () => {
    const found = await compareBoth('mirror', [...source, [null, 'x', '1.00']], target)
    expect(counts(found)).toEqual([1, 2, 0, 1, 1])
  })

  test('an empty target takes every row', async () => {
    const { staged: ours } = await staged(people, source, ['id'])
    const found = await stage.compare(ours, await stage.empty(people), { key: ['id'], mode: 'mirror' })
    expect(counts(found)).toEqual([4, 0, 0, 0, 0])
    expect((await rowsOf(found.inserts)).length).toBe(4)
    expect(await rowsOf(found.updates)).toEqual([])
    expect((await rowsOf(await stage.merged(await stage.empty(people), found))).length).toBe(4)
  })

  test('a target that holds a key twice cannot be matched', async () => {
    await expect(
      compareBoth(
        'mirror',
        [[1, 'a', '1.00']],
        [
          [1, 'a', '1.00'],
          [1, 'a', '1.00'],
        ],
      ),
    ).rejects.toThrow(RunError)
    await expect(
      compareBoth(
        'mirror',
        [[1, 'a', '1.00']],
        [
          [1, 'a', '1.00'],
          [2, 'b', '1.00'],
          [2, 'b', '1.00'],
        ],
      ),
    ).rejects.toThrow(RunError)
  })

  test('keys are matched as the target takes them, and their spelling is a cell', async () => {
    const columns = [column('key', 'text', { folding: { case: 'unicode', pad: true } }), column('n', 'integer')]
    const ours = await staged(
      columns,
      [
        ['Ada', 1],
        ['bob', 2],
      ],
      ['key'],
    )
    const theirs = await staged(columns, [
      ['ADA ', 1],
      ['bob', 2],
    ])
    const found = await stage.compare(ours.staged, theirs.staged, { key: ['key'], mode: 'mirror' })
    expect(await rowsOf(found.updates)).toEqual([['Ada', 1, 'ADA ', 1]])
    expect(counts(found)).toEqual([0, 1, 0, 1, 0])
  })

  test('rows without a key are a multiset', async () => {
    const columns = [column('a', 'text'), column('b', 'integer')]
    const ours = await staged(columns, [
      ['x', 1],
      ['x', 1],
      ['x', 1],
      [null, 2],
      ['y', null],
    ])
    const theirs = await staged(columns, [
      ['x', 1],
      [null, 2],
      ['z', 9],
    ])
    const appended = await stage.compare(ours.staged, theirs.staged, { key: [], mode: 'append' })
    expect(counts(appended)).toEqual([3, 0, 0, 2, 0])
    expect((await rowsOf(appended.inserts)).toSorted()).toEqual([
      ['x', 1],
      ['x', 1],
      ['y', null],
    ])
    const mirrored = await stage.compare(ours.staged, theirs.staged, { key: [], mode: 'mirror' })
    expect(counts(mirrored)).toEqual([3, 0, 1, 2, 0])
    expect(await rowsOf(mirrored.deletes)).toEqual([['z', 9]])
  })

  test('columns that the target lacks are NULL there, and those that only it has stay', async () => {
    const ours = await staged(
      [column('id', 'integer'), column('new', 'text')],
      [
        [1, 'x'],
        [2, null],
        [3, 'z'],
      ],
      ['id'],
    )
    const theirs = await staged(
      [column('id', 'integer'), column('own', 'text')],
      [
        [1, 'keep'],
        [2, 'keep'],
      ],
    )
    const found = await stage.compare(ours.staged, theirs.staged, { key: ['id'], mode: 'mirror' })
    expect(counts(found)).toEqual([1, 1, 0, 1, 0])
    expect(await rowsOf(found.updates)).toEqual([[1, 'x', 1, null]])
    const whole = await stage.merged(theirs.staged, found)
    expect(whole.columns.map(({ name }) => name)).toEqual(['id', 'own', 'new'])
    expect(await rowsOf(whole)).toEqual([
      [1, 'keep', 'x'],
      [2, 'keep', null],
      [3, null, 'z'],
    ])
    expect(whole.count).toBe(3)
  })

  test('a whole target keeps the rows and columns that were not compared', async () => {
    const ours = await staged(
      [column('id', 'integer'), column('name', 'text'), column('new', 'date')],
      [
        [1, 'same', null],
        [2, 'now', '2024-01-31'],
        [4, 'arrived', null],
      ],
      ['id'],
    )
    const compared = [column('id', 'integer'), column('name', 'text')]
    const inScope = [
      [1, 'same'],
      [2, 'was'],
      [3, 'gone'],
    ]
    const theirs = await staged(compared, inScope)
    const found = await stage.compare(ours.staged, theirs.staged, { key: ['id'], mode: 'mirror' })
    const wide = [column('own', 'text'), column('id', 'integer'), column('name', 'text'), column('more', 'decimal(4,1)')]
    const whole = await staged(wide, [
      ['outside', 9, 'beyond', '9.5'],
      ['c', 3, 'gone', '3.5'],
      [null, 2, 'was', '2.5'],
      ['a', 1, 'same', null],
    ])
    const result = await stage.merged(whole.staged, found)
    expect(result.columns.map(({ name }) => name)).toEqual(['own', 'id', 'name', 'more', 'new'])
    expect(await rowsOf(result)).toEqual([
      ['a', 1, 'same', null, null],
      [null, 2, 'now', '2.5', '2024-01-31'],
      [null, 4, 'arrived', null, null],
      ['outside', 9, 'beyond', '9.5', null],
    ])
    expect(result.count).toBe(4)
  })

  test('a whole target is merged with changes whose columns are held in another way', async () => {
    const columns = [column('id', 'decimal(4,1)'), column('at', 'timestamp(6)')]
    const land = async (rows: readonly (readonly Value[])[], held: 'native' | 'text') =>
      await stage.conform(await stage.land(batches(columns, rows)), {
        columns: columns.map((to): Conforming => ({ from: to.name, to, held, trusted: true })),
      })
    const late = '294276-12-31 23:59:59'
    const ours = await land([['1.0', late]], 'text')
    const theirs = await land([['1.0', '2024-01-01 00:00:00']], 'text')
    const found = await stage.compare(ours.staged, theirs.staged, { key: ['id'], mode: 'mirror' })
    const whole = await land(
      [
        ['1.0', '2024-01-01 00:00:00'],
        ['2.0', '2024-02-02 00:00:00'],
      ],
      'native',
    )
    expect(await rowsOf(await stage.merged(whole.staged, found))).toEqual([
      ['1.0', late],
      ['2.0', '2024-02-02 00:00:00'],
    ])
  })

  test('a change that meets a row outside of what was compared is refused', async () => {
    const compareWith = async (inScope: readonly (readonly Value[])[]) => {
      const ours = await staged(people, [[1, 'new', '1.00']], ['id'])
      const theirs = await staged(people, inScope)
      return await stage.compare(ours.staged, theirs.staged, { key: ['id'], mode: 'mirror' })
    }
    const outside = [1, 'other', '9.00']
    const inserted = await compareWith([])
    await expect(stage.merged((await staged(people, [outside])).staged, inserted)).rejects.toMatchObject({ code: 'KEY_EXISTS' })
    const inside = [1, 'old', '1.00']
    const updated = await compareWith([inside])
    const twice = await staged(people, [inside, outside])
    await expect(stage.merged(twice.staged, updated)).rejects.toMatchObject({ code: 'TARGET_KEY_NOT_UNIQUE' })
  })

  test('computed columns are neither compared nor written, ignored ones not compared', async () => {
    const columns = [column('id', 'integer'), column('sum', 'integer', { generated: true }), column('seen', 'integer')]
    const ours = await staged(
      columns,
      [
        [1, 1, 1],
        [2, 1, 1],
      ],
      ['id'],
    )
    const theirs = await staged(columns, [[1, 5, 5]])
    const found = await stage.compare(ours.staged, theirs.staged, { key: ['id'], mode: 'mirror', ignore: ['seen'] })
    expect(counts(found)).toEqual([1, 0, 0, 1, 0])
    expect(await rowsOf(found.inserts)).toEqual([[2, 1]])
  })

  test('floats are equal as numbers are', async () => {
    const columns = [column('id', 'integer'), column('f', 'double')]
    const ours = await staged(
      columns,
      [
        [1, Number.NaN],
        [2, -0],
        [3, Number.POSITIVE_INFINITY],
      ],
      ['id'],
    )
    const theirs = await staged(columns, [
      [1, Number.NaN],
      [2, 0],
      [3, Number.NEGATIVE_INFINITY],
    ])
    const found = await stage.compare(ours.staged, theirs.staged, { key: ['id'], mode: 'mirror' })
    expect(await rowsOf(found.updates)).toEqual([[3, Number.POSITIVE_INFINITY, 3, Number.NEGATIVE_INFINITY]])
  })
})

describe('infer', () => {
  test.each([
    [['1', '-2', null, '0'], 'bigint'],
    [['1', '3000000000'], 'bigint'],
    [['1', '9223372036854775808'], 'decimal(38,0)'],
    [['1', '123456789012345678901234567890123456789'], 'decimal'],
    [['1.5', '-1234.25', '7'], 'decimal(18,2)'],
    [['1e3', '2.5e-3'], 'decimal(18,4)'],
    [['12345678901234567890.123456789'], 'decimal(38,9)'],
    [['.5', '1.'], 'decimal(18,1)'],
    [['123456789012.345'], 'decimal(18,3)'],
    [['1234567890123.456'], 'decimal(38,3)'],
    [['007', '1'], 'text'],
    [['+4917612345'], 'text'],
    [['1', ''], 'text'],
    [['true', 'FALSE', null], 'boolean'],
    [['yes', 'no'], 'text'],
    [['2024-02-29', '1999-12-31'], 'date'],
    [['2024-02-30'], 'text'],
    [['01.02.2024'], 'text'],
    [['2024-02-29 10:00:00', '2024-02-29T10:00:00.123'], 'timestamp(6)'],
    [['2024-02-29 10:00:00', '2024-02-29'], 'text'],
    [['2024-02-29 10:00:00+00', '2024-02-29T10:00:00.5+02:00', '2024-02-29T10:00:00Z'], 'timestamptz(6)'],
    [['2024-02-29 10:00:00+00', '2024-02-29 10:00:00'], 'text'],
    [[null, null], 'text'],
    [['abc', '1'], 'text'],
  ])('%j is %s', async (cells, type) => {
    const landed = await stage.land(
      untyped(
        ['x', 'y'],
        cells.map((cell) => [cell, '1']),
      ),
    )
    const [x, y] = await stage.infer(landed)
    expect(x && formatType(x.type)).toBe(type)
    expect([x?.untyped, y && formatType(y.type)]).toEqual([undefined, 'bigint'])
  })

  test('looks at every row, not only the first ones', async () => {
    const cells = Array.from({ length: 20_000 }, (_, n) => [String(n), n === 19_999 ? 'x' : String(n), n === 19_999 ? '0.5' : String(n)])
    const columns = await stage.infer(await stage.land(untyped(['a', 'b', 'c'], cells)))
    expect(columns.map(({ type }) => formatType(type))).toEqual(['bigint', 'text', 'decimal(18,1)'])
  })

  test('leaves typed columns as they are', async () => {
    const typed = [column('id', 'bigint', { nullable: false })]
    expect(await stage.infer(await stage.land(batches(typed, [[1]])))).toEqual(typed)
  })
})

describe('stream', () => {
  test('hands out what fits and stops at what does not', async () => {
    const landed = await stage.land(
      untyped(
        ['id', 'name', 'paid'],
        [
          ['+1', 'a"b', '1e1'],
          ['2', '', null],
        ],
      ),
    )
    const rows = stage.stream(landed, exactly(people))
    expect(await textOf(rows)).toBe('1,"a""b",10.00\n2,"",\n')
    expect(await rowsOf(rows)).toEqual([
      [1, 'a"b', '10.00'],
      [2, '', null],
    ])
    const bad = stage.stream(await stage.land(untyped(['id', 'name', 'paid'], [['1', 'a', '1.555']])), exactly(people))
    await expect(textOf(bad)).rejects.toThrow(NotDirectError)
    await expect(rowsOf(bad)).rejects.toThrow(/paid/)
  })
})

describe('forms', () => {
  const columns = [
    column('id', 'bigint'),
    column('sum', 'decimal(38,20)'),
    column('f', 'double'),
    column('doc', 'json'),
    column('text', 'text'),
    column('raw', 'bytes'),
    column('at', 'timestamptz(6)'),
    column('odd', 'decimal'),
  ]
  const row = [
    9223372036854775807n,
    '12345678901234567.12345678901234567890',
    1e21,
    '{"a": 1.10,\n"b":12345678901234567890}',
    '\\.',
    Uint8Array.of(0, 255),
    '2024-01-01 00:00:00+00',
    '1.500',
  ]
  const nulls = columns.map(() => null)

  async function write(format: Parameters<NonNullable<Rows['file']>>[1]): Promise<Buffer> {
    const { staged: found } = await staged(columns, [row, nulls])
    const path = join(directory, 'out')
    expect(await stage.rows(found).file?.(path, format)).toEqual({ rows: 2 })
    const written = await readFile(path)
    await rm(path)
    return written
  }

  test('csv keeps NULL apart from empty text', async () => {
    const { staged: found } = await staged(
      [column('a', 'text'), column('b', 'text')],
      [
        ['\\.', ''],
        [null, 'x\r\ny'],
      ],
    )
    expect(await textOf(stage.rows(found))).toBe('\\.,""\n,"x\r\ny"\n')
  })

  test('json keeps every digit and nests documents', async () => {
    const text = (await write({ format: 'json', compression: 'none' })).toString()
    expect(text).toContain(
      '{"id":9223372036854775807,"sum":12345678901234567.12345678901234567890,"f":1e+21,"doc":{"a": 1.10, "b":12345678901234567890},"text":"\\\\.","raw":"\\\\x00ff","at":"2024-01-01 00:00:00+00","odd":1.500}',
    )
    expect(JSON.parse(text)).toHaveLength(2)
    const lines = (await write({ format: 'ndjson', compression: 'none' })).toString().trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).text)).toEqual(['\\.', null])
  })

  test('csv files follow their dialect', async () => {
    const text = (await write({ format: 'csv', delimiter: ';', quote: "'", header: true, compression: 'none' })).toString()
    expect(text.split('\n')[0]).toBe('id;sum;f;doc;text;raw;at;odd')
    expect(text).toContain(';\\.;\\x00ff;2024-01-01 00:00:00+00;1.500\n;;;;;;;\n')
  })

  test('csv files hold every text so that it is read back', async () => {
    const texts = ['', ' ', 'a,b', '"', '""', '\n', '\r', '\r\n', '#', '\\.', 'NULL', '\ufeff', '🦆', ' a ', "'", null]
    const { staged: found } = await staged(
      [column('a', 'text'), column('b', 'text')],
      texts.map((cell, index) => [cell, String(index)]),
    )
    const path = join(directory, 'out')
    await stage.rows(found).file?.(path, { format: 'csv', delimiter: ',', quote: '"', header: true, compression: 'none' })
    const sql = `read_csv('${path}', columns = {a: 'VARCHAR', b: 'VARCHAR'}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', new_line = '\\n', nullstr = '', allow_quoted_nulls = false)`
    const landed = await stage.land({ columns: found.columns, relation: async () => ({ sql, cells: 'text', release: async () => {} }) })
    const again = await stage.conform(landed, { columns: exactly(found.columns) })
    const rows = (await stage.sample(again.staged, 99)).toSorted((x, y) => Number(x[1]) - Number(y[1]))
    expect(rows.map(([cell]) => cell)).toEqual(texts)
    await rm(path)
  })

  test.each(['gzip', 'zstd'] as const)('%s', async (compression) => {
    const magic = { gzip: '1f8b', zstd: '28b52ffd' }[compression]
    const written = await write({ format: 'csv', delimiter: ',', quote: '"', header: false, compression })
    expect(written.toString('hex').startsWith(magic)).toBe(true)
  })

  test('parquet', async () => {
    expect((await write({ format: 'parquet' })).subarray(0, 4).toString()).toBe('PAR1')
  })
})

describe('watermarks', () => {
  test('the greatest value', async () => {
    const columns = [column('n', 'integer'), column('at', 'timestamp(6)'), column('big', 'decimal'), column('none', 'text')]
    const { staged: found } = await staged(columns, [
      [9, '2024-01-01 00:00:00', '9', null],
      [10, '0044-01-01 00:00:00 BC', '10', null],
    ])
    expect(await Promise.all(columns.map(({ name }) => stage.maximum(found, name)))).toEqual(['10', '2024-01-01 00:00:00', '10', null])
  })

  test.each(['native', 'text'] as const)('nothing comes after infinity, so it is none: held %s', async (held) => {
    const cells: readonly (readonly [type: string, greatest: string | null, others: readonly string[]])[] = [
      ['double', '2', ['NaN', 'Infinity', '-1']],
      ['real', null, ['NaN']],
      ['date', '2024-01-31', ['infinity', '0044-01-01 BC', '-infinity']],
      ['timestamp(6)', '2024-01-31 00:00:00.5', ['infinity', '2024-01-31 00:00:00', '-infinity']],
      ['timestamptz(6)', '12024-01-31 00:00:00+00', ['infinity', '2024-01-31 00:00:00.5+00']],
      ['decimal', '10', ['NaN', '9', 'Infinity']],
      ['text', 'infinity', ['a']],
    ]
    for (const [type, greatest, others] of cells) {
      const landed = await stage.land(
        batches(
          [column('c', type)],
          [...others, ...(greatest === null ? [] : [greatest]), null].map((text) => [text]),
        ),
      )
      const { staged: found } = await stage.conform(landed, { columns: [{ from: 'c', to: column('c', type), held, trusted: true }] })
      expect(await stage.maximum(found, 'c'), type).toBe(greatest)
    }
  })

  test('moments held as text are sorted by what they mean', async () => {
    const at = column('at', 'timestamp(6)')
    const texts = ['-infinity', '0045-01-01 00:00:00 BC', '0044-01-01 00:00:00 BC', '0044-03-01 00:00:00', '2024-01-01 00:00:00']
    const later = ['10000-01-01 00:00:00', '294276-12-31 23:59:59', 'infinity']
    const landed = await stage.land(
      batches(
        [at],
        [...texts, ...later, null].map((text) => [text]),
      ),
    )
    const columns: readonly Conforming[] = [{ from: 'at', to: at, held: 'text', trusted: true }]
    for (const [index, from] of texts.entries()) {
      const { staged: found } = await stage.conform(landed, { columns, cursor: { column: 'at', from } })
      expect((await stage.sample(found, 20)).flat()).toEqual([...texts.slice(index), ...later, null])
    }
    const { staged: found } = await stage.conform(landed, { columns })
    expect(await stage.maximum(found, 'at')).toBe('294276-12-31 23:59:59')
  })

  test.each([
    ['bigint', '2024-01-01 00:00:00', 0],
    ['timestamp(6)', '41', '1 day'],
    ['timestamptz(6)', '2024-01-01 00:00:00', 0],
    ['timestamp(6)', 'infinity', 0],
    ['double', 'NaN', 1],
    ['uuid', '7', 0],
  ])('%s: the watermark %s is no value of it, less %s', async (type, watermark, lag) => {
    const failure = await stage.earlier(watermark, lag, column('c', type)).catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(RunError)
    expect(failure).toMatchObject({ code: 'BAD_WATERMARK', hint: expect.stringContaining('syncline state reset') })
  })

  test.each([
    ['timestamp(6)', '2024-03-01 00:00:00', 0, '2024-03-01 00:00:00'],
    ['timestamp(6)', '294276-12-31 23:59:59', '1 day', '294276-12-31 23:59:59'],
    ['text', 'x', 0, 'x'],
    ['text', 'infinity', 0, 'infinity'],
    ['decimal', '1.50', '0', '1.50'],
    ['double', '1.5', '0.5', '1'],
    ['timestamp(6)', '2024-03-01 00:00:00', '1 day', '2024-02-29 00:00:00'],
    ['timestamptz(6)', '2024-03-01 00:05:00+00', '10 minutes', '2024-02-29 23:55:00+00'],
    ['date', '2024-03-01', '1 month', '2024-02-01'],
    ['bigint', '9223372036854775807', 7, '9223372036854775800'],
    ['decimal(12,2)', '10.00', '0.5', '9.50'],
  ])('%s %s less %s is %s', async (type, watermark, lag, earlier) => {
    expect(await stage.earlier(watermark, lag, column('c', type))).toBe(earlier)
  })

  test.each([
    ['timestamp(6)', 5],
    ['bigint', '10 minutes'],
    ['text', 1],
  ])('%s cannot lag by %s', async (type, lag) => {
    await expect(stage.earlier('1', lag, column('c', type))).rejects.toThrow(ConfigError)
  })
})

describe('landing', () => {
  test.each([0, 2])('rows without columns are counted: %d', async (count) => {
    const lines = async function* () {
      yield Buffer.from('\n'.repeat(count))
    }
    const sql = `(SELECT NULL FROM range(${count}))`
    const forms: readonly Rows[] = [
      { columns: [], relation: async () => ({ sql, cells: 'text', release: async () => {} }) },
      { columns: [], csv: () => [lines()] },
      {
        columns: [],
        async *batches() {
          yield { rows: count, cells: [] }
        },
      },
    ]
    for (const rows of forms) {
      const landed = await stage.land(rows)
      expect(await stage.infer(landed)).toEqual([])
      expect(await stage.audit(landed, { columns: [] })).toEqual({ rows: count, unfit: 0 })
      expect(await rowsOf(stage.stream(landed, []))).toEqual([])
      const bare = await stage.conform(landed, { columns: [] })
      expect([bare.read, bare.staged.rows]).toEqual([count, count])
      expect([await stage.sample(bare.staged, 1), await textOf(stage.rows(bare.staged))]).toEqual([[], ''])
      await landed.release()
    }
  })

  test('a target without the key takes every row where it is empty, and cannot be matched where it is not', async () => {
    const { staged: ours } = await staged(people, [[1, 'Ada', '1.00']], ['id'])
    for (const columns of [[], [column('name', 'text')]]) {
      const { staged: empty } = await stage.conform(await stage.land(batches(columns, [])), { columns: exactly(columns) })
      const found = await stage.compare(ours, empty, { key: ['id'], mode: 'mirror' })
      expect(found.inserts.count).toBe(1)
      const whole = await stage.merged(empty, found)
      expect(whole.columns.map(({ name }) => name).toSorted()).toEqual(['id', 'name', 'paid'])
      expect(whole.count).toBe(1)
      expect((await rowsOf(whole)).flat()).toEqual(expect.arrayContaining([1, 'Ada', '1.00']))
      const { staged: full } = await stage.conform(await stage.land(batches(columns, [['x']])), { columns: exactly(columns) })
      await expect(stage.compare(ours, full, { key: ['id'], mode: 'mirror' })).rejects.toMatchObject({ code: 'TARGET_KEY_MISSING' })
    }
  })

  test('text streams land side by side, with a byte order mark, line breaks and NUL in cells', async () => {
    const columns = [column('a', 'text'), column('b', 'text')]
    const part = async function* (text: string) {
      for (const byte of Buffer.from(text)) yield Uint8Array.of(byte)
    }
    const told: number[] = []
    const landed = await stage.land({ columns, csv: () => [part('\ufeffx,"1\r\n2"\n'), part('"",a\0b\n'), part('')] }, ({ bytes }) =>
      told.push(bytes),
    )
    expect(told.at(-1)).toBe(landed.bytes)
    const { staged: found } = await stage.conform(landed, { columns: exactly(columns) })
    expect((await stage.sample(found, 5)).toSorted()).toEqual([
      ['', 'a\0b'],
      ['\ufeffx', '1\r\n2'],
    ])
  })

  test('a column of NULLs alone keeps its rows', async () => {
    const { read } = await staged([column('a', 'text')], [[null], [''], [null]])
    expect(read).toBe(3)
  })

  test('a stream that breaks off leaves nothing behind', async () => {
    const broken = async function* () {
      yield Buffer.from('1,2\n')
      throw new RunError({ code: 'GONE', message: 'the connection was lost' })
    }
    await expect(stage.land({ columns: people, csv: () => [broken(), broken()] })).rejects.toThrow('the connection was lost')
  })

  test('broken text is an error that shows no values', async () => {
    const text = async function* () {
      yield Buffer.from('1,secret\n2,secret,secret\n')
    }
    const columns = [column('a', 'text'), column('b', 'text')]
    const landed: Landed = await stage.land({ columns, csv: () => [text()] })
    const failure = await stage.conform(landed, { columns: exactly(columns) }).catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(RunError)
    expect(String(failure)).toMatch(/line 2 .* 3 fields where 2 were expected/)
    expect(String(failure)).not.toContain('secret')
  })

  test('released rows are gone, and releasing twice is harmless', async () => {
    const landed = await stage.land(batches(people, [[1, 'a', '1']]))
    await landed.release()
    await landed.release()
    await expect(stage.conform(landed, { columns: exactly(people) })).rejects.toThrow(RunError)
  })
})

describe('cancelling', () => {
  test('interrupts what is under way and refuses what follows', async () => {
    const stop = new AbortController()
    await using other = await open(stop.signal)
    const relation = async () => ({
      sql: '(SELECT a.range, b.range FROM range(1000000) a, range(1000000) b)',
      cells: 'native' as const,
      release: async () => {},
    })
    const columns = [column('a', 'bigint'), column('b', 'bigint')]
    const landed = await other.land({ columns, relation })
    setTimeout(() => stop.abort(), 100)
    const began = performance.now()
    await expect(other.conform(landed, { columns: exactly(columns) })).rejects.toThrow(CancelledError)
    expect(performance.now() - began).toBeLessThan(10_000)
    await expect(other.conform(landed, { columns: exactly(columns) })).rejects.toThrow(CancelledError)
  })
})
