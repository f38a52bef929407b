import { describe, expect, test } from 'vitest'
import { noCounts, type PlanResult } from '../../core/run.ts'
import { planScreen } from './plan-screen.ts'
import { createStyle } from './style.ts'
import { displayWidth } from './width.ts'

const columns = ['name', 'id', 'email', 'country', 'note']
const plan: PlanResult = {
  id: '4f2c99aa01bb',
  sync: 'customers',
  mode: 'mirror',
  command: 'plan',
  status: 'differs',
  counts: { read: 10_429, inserted: 12, updated: 3, deleted: 1, unchanged: 10_412, rejected: 2 },
  startedAt: '2024-01-31T18:05:09.000Z',
  seconds: 0.42,
  bytesRead: 1_234_567,
  watermark: null,
  error: null,
  details: {
    from: 'crm#contacts',
    to: 'shop#public.customers',
    key: ['id'],
    path: 'staged: mode mirror compares both sides',
    schema: ['ALTER TABLE "public"."customers" ADD COLUMN "country" text'],
    notes: [],
    timings: { reading: 0.2, comparing: 0.1 },
  },
  columns,
  samples: [
    { kind: 'insert', before: null, after: ['Ada Lovelace', '1042', 'ada@example.com', 'DE', '\u001b[31mred\n'] },
    { kind: 'insert', before: null, after: ['東京太郎', '7', 'taro@例え.jp', null, ''] },
    {
      kind: 'update',
      before: ['Bob', '17', 'bob@old.example', 'DE', `${'a'.repeat(90)}1`],
      after: ['Bob', '17', 'bob@new.example', 'DE', `${'a'.repeat(90)}2`],
    },
    { kind: 'delete', before: ['Carl Gauß', '3', 'carl@example.com', 'DE', null], after: null },
  ],
}
const bare = { ...plan, samples: [], details: { ...plan.details, schema: [] } }

function screen(result: PlanResult, width: number, options = { verbose: false, quiet: false }): string {
  return planScreen(result, { width, style: createStyle(false) }, options).join('\n')
}

describe('a plan', () => {
  test('on a wide terminal', () => {
    expect(screen(plan, 160)).toMatchInlineSnapshot(`
      "customers   crm#contacts → shop#public.customers   mirror by id

        first the target changes:
          ALTER TABLE "public"."customers" ADD COLUMN "country" text

            id   name           email              country   note
        + 1042   Ada Lovelace   ada@example.com    DE        \\u001b[31mred\\n
        +    7   東京太郎       taro@例え.jp       NULL      ''
        ~   17   email   bob@old.example → bob@new.example
        ~        note    …aa1 → …aa2
        -    3   Carl Gauß      carl@example.com   DE        NULL
          … 12 more (--all)

        12 inserts   3 updates   1 delete   10,412 unchanged   2 rejects
        2 rows cannot be delivered
        to see them: syncline run customers, then syncline rejects customers
        nothing was changed; \`syncline run customers\` applies this
      "
    `)
  })

  test('on a narrow terminal', () => {
    expect(screen(plan, 60)).toMatchInlineSnapshot(`
      "customers   crm#contacts → shop#public.customers   mirror by id

        first the target changes:
          ALTER TABLE "public"."customers" ADD COLUMN "country" t…

            id   name          email         country   note
        + 1042   Ada Lovela…   ada@exampl…   DE        \\u001b[31m…
        +    7   東京太郎      taro@例え.…   NULL      ''
        ~   17   email   bob@old.example → bob@new.example
        ~        note    …aa1 → …aa2
        -    3   Carl Gauß     carl@examp…   DE        NULL
          … 12 more (--all)

        12 inserts   3 updates   1 delete   10,412 unchanged   2 rejects
        2 rows cannot be delivered
        to see them: syncline run customers, then syncline rejects customers
        nothing was changed; \`syncline run customers\` applies this
      "
    `)
    for (const line of planScreen(plan, { width: 60, style: createStyle(false) }, { verbose: false, quiet: false }).slice(4, 12)) {
      expect(displayWidth(line)).toBeLessThanOrEqual(60)
    }
  })

  test('with many columns', () => {
    const names = Array.from({ length: 30 }, (_, i) => `column${i}`)
    const wide = { ...bare, columns: names, details: { ...bare.details, key: ['column29'] } }
    const samples = [{ kind: 'insert' as const, before: null, after: names.map((_, i) => String(i)) }]
    expect(screen({ ...wide, counts: { ...noCounts, inserted: 1 }, samples }, 60)).toMatchInlineSnapshot(`
      "customers   crm#contacts → shop#public.customers   mirror by column29

          column29   column0   column1   column2   column3
        +       29         0         1         2         3
          … 25 more columns

        1 insert
        nothing was changed; \`syncline run customers\` applies this
      "
    `)
  })

  test('told in more words', () => {
    expect(
      screen({ ...bare, details: { ...bare.details, notes: ['the cursor has ties'] } }, 80, { verbose: true, quiet: false }),
    ).toMatchInlineSnapshot(`
      "customers   crm#contacts → shop#public.customers   mirror by id

        12 inserts   3 updates   1 delete   10,412 unchanged   2 rejects
        note: the cursor has ties
        path: staged: mode mirror compares both sides
        run 4f2c99aa01bb, 0.4 s (reading 0.2 s, comparing 0.1 s)
        2 rows cannot be delivered
        to see them: syncline run customers, then syncline rejects customers
        nothing was changed; \`syncline run customers\` applies this
      "
    `)
  })

  test('that finds nothing', () => {
    expect(screen({ ...bare, status: 'succeeded', counts: { ...noCounts, unchanged: 10_412 } }, 80)).toMatchInlineSnapshot(`
      "customers   crm#contacts → shop#public.customers   mirror by id

        10,412 unchanged
        in step: there is nothing to do
      "
    `)
  })

  test('past a guard, failed, with nothing but rejects', () => {
    const withheld = {
      fix: 'cause' as const,
      code: 'WITHHELD',
      message: '8,112 of 20,000 rows would be deleted (40%, the guard is 10%)',
      hint: 'look first',
    }
    const failed = {
      ...bare,
      status: 'failed' as const,
      counts: noCounts,
      error: { fix: 'cause' as const, code: 'FILE_NOT_FOUND', message: 'no file\n./a.csv' },
    }
    const rejects = {
      ...bare,
      counts: { ...noCounts, unchanged: 5, rejected: 2 },
      rejects: [{ reason: 'not null' as const, column: 'name', detail: 'the target wants a value', rows: 2 }],
    }
    expect(
      [screen({ ...bare, status: 'withheld', error: withheld }, 80), screen(failed, 80), screen(rejects, 80)].join('\n'),
    ).toMatchInlineSnapshot(`
      "customers   crm#contacts → shop#public.customers   mirror by id

        12 inserts   3 updates   1 delete   10,412 unchanged   2 rejects
        2 rows cannot be delivered
        to see them: syncline run customers, then syncline rejects customers
        a run would be withheld: 8,112 of 20,000 rows would be deleted (40%, the guard is 10%)
        to let it pass once: syncline plan customers --save customers.plan, then syncline apply customers.plan
        from now on: limits of its own in the config, such as guard: { deletes: 50%, updates: 80%, empty: allow }

      customers   crm#contacts → shop#public.customers   mirror by id

        nothing was compared: failed
        no file
        ./a.csv

      customers   crm#contacts → shop#public.customers   mirror by id

        5 unchanged   2 rejects
        2 rows cannot be delivered
          2 × not null: column name: the target wants a value
        to see them: syncline run customers, then syncline rejects customers
        there is nothing else to do
      "
    `)
  })

  test('kept quiet', () => {
    expect(screen(plan, 80, { verbose: false, quiet: true })).toBe(
      'customers   12 inserts   3 updates   1 delete   10,412 unchanged   2 rejects',
    )
    expect(screen({ ...bare, status: 'succeeded', counts: { ...noCounts, unchanged: 5 } }, 80, { verbose: false, quiet: true })).toBe('')
  })
})

test('a verification with a cursor does not promise that a run reads rows which its watermark has passed', () => {
  const found = screen({ ...bare, command: 'verify', mode: 'upsert', sync: 'my orders', watermark: '2024-03-01' }, 80)
  expect(found).toContain("syncline state reset 'my orders', then syncline run 'my orders'")
  expect(found).toContain('`lag`')
  expect(found).not.toContain('brings them in step')
})

test('a withheld cascade is let pass by no limit', () => {
  const message = '1 delete would take rows of other tables along, by a.0; `guard: { cascades: allow }` lets them'
  const found = screen({ ...bare, status: 'withheld', error: { fix: 'cause', code: 'WITHHELD', message } }, 200)
  expect(found).toContain('from now on: guard: { cascades: allow }')
  expect(found).not.toContain('deletes: 50%')
})

test('a verification and a diff', () => {
  const agreeing = { ...bare, status: 'succeeded' as const, counts: { ...noCounts, unchanged: 10_412 } }
  const screens = [
    screen({ ...agreeing, command: 'verify' }, 80),
    screen({ ...bare, command: 'verify' }, 80),
    screen({ ...bare, command: 'diff', sync: 'a to b' }, 80),
  ]
  expect(screens.join('\n')).toMatchInlineSnapshot(`
    "customers   crm#contacts → shop#public.customers   mirror by id

      both sides agree   10,412 unchanged

    customers   crm#contacts → shop#public.customers   mirror by id

      12 inserts   3 updates   1 delete   10,412 unchanged   2 rejects
      2 rows cannot be delivered
      to see them: syncline run customers, then syncline rejects customers
      the sides differ; \`syncline run customers\` brings them in step

    crm#contacts → shop#public.customers   compared by id

      12 inserts   3 updates   1 delete   10,412 unchanged   2 rejects
      2 rows cannot be delivered
      nothing was changed
    "
  `)
})

test('off a terminal, long cells are cut unless all is asked for', () => {
  const [before, after] = [`${'a'.repeat(150)}1`, `${'b'.repeat(150)}2`]
  const samples = [
    { kind: 'insert' as const, before: null, after: ['5', after] },
    { kind: 'update' as const, before: ['6', before], after: ['6', after] },
  ]
  const long = { ...bare, columns: ['id', 'note'], samples }
  const off = { width: Number.POSITIVE_INFINITY, style: createStyle(false) }
  const lines = planScreen(long, off, { verbose: false, quiet: false })
  expect(Math.max(...lines.map(displayWidth))).toBeLessThan(150)
  expect(planScreen(long, off, { verbose: false, quiet: false, all: true }).join('\n')).toContain(`note   ${before} → ${after}`)
})

test('colours say what comes, changes and goes', () => {
  const lines = planScreen(plan, { width: 100, style: createStyle(true) }, { verbose: false, quiet: false })
  const colourOf = (mark: string) => lines.find((line) => line.includes(`  ${mark} `))?.slice(0, 5)
  expect([colourOf('+'), colourOf('~'), colourOf('-')]).toEqual(['\u001b[32m', '\u001b[33m', '\u001b[31m'])
})
