import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from './load.ts'

/** The guard of a sync, said by itself or under `defaults:`. */
async function guardOf(guard: string, place: 'sync' | 'defaults' = 'sync') {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-guard-'))
  const sync = '  s:\n    from: ./a.csv\n    to: ./b.csv\n    mode: mirror\n    key: id\n'
  const text = place === 'sync' ? `syncs:\n${sync}    guard: ${guard}\n` : `defaults:\n  guard: ${guard}\nsyncs:\n${sync}`
  writeFileSync(join(folder, 'syncline.yaml'), text)
  try {
    return (await loadConfig(undefined, folder)).syncs[0]?.guard
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const limits = [
  ['500', { rows: 500 }],
  ['0', { rows: 0 }],
  ['10%', { share: 0.1 }],
  ['2.5 %', { share: 0.025 }],
  ['[10%, 500]', { share: 0.1, rows: 500 }],
  ['[500, 10%]', { share: 0.1, rows: 500 }],
  ['{ percent: 10 }', { share: 0.1 }],
  ['{ percent: 10% }', { share: 0.1 }],
  ['{ count: 500 }', { rows: 500 }],
  ['{ percent: 10, count: 500 }', { share: 0.1, rows: 500 }],
] as const

describe.each(['inserts', 'updates', 'deletes'])('a limit on %s', (kind) => {
  test.each(limits)('%s', async (text, limit) => {
    expect(await guardOf(`{ ${kind}: ${text} }`)).toEqual({ [kind]: limit })
    expect(await guardOf(`{ ${kind}: ${text} }`, 'defaults')).toEqual({ [kind]: limit })
  })
})

test('what else a guard says', async () => {
  expect(await guardOf('off')).toBe('off')
  expect(await guardOf('{ proceed: inserts, empty: allow, cascades: withhold }')).toEqual({
    proceed: 'inserts',
    empty: 'allow',
    cascades: 'withhold',
  })
})

const forms = '10%, 500, [10%, 500] or { percent: 10, count: 500 } for both'

test.each([
  ['on', 'guard: expected off, or a map such as { deletes: 10% }; found `on`'],
  ['[10%]', 'guard: expected off, or a map such as { deletes: 10% }; found a list'],
  ['{ delete: 10% }', 'unknown key `delete` in syncs.s.guard; known keys are inserts, updates, deletes, empty, cascades, proceed'],
  ['{ deletes: ten }', `guard.deletes: expected ${forms}; found \`ten\``],
  ['{ deletes: "10" }', `guard.deletes: expected ${forms}; found \`10\``],
  ['{ deletes: -1 }', `guard.deletes: expected ${forms}; found \`-1\``],
  ['{ deletes: 1.5 }', `guard.deletes: expected ${forms}; found \`1.5\``],
  ['{ deletes: [10%, 20%] }', `guard.deletes[1]: expected ${forms}; found \`20%\``],
  ['{ deletes: [1, 2] }', `guard.deletes[0]: expected ${forms}; found \`1\``],
  ['{ deletes: [] }', `guard.deletes: expected ${forms}; found an empty list`],
  ['{ deletes: true }', `guard.deletes: expected ${forms}; found \`true\``],
  ['{ deletes: null }', `guard.deletes: expected ${forms}; found nothing`],
  ['{ deletes: {} }', 'guard.deletes: expected a map with percent, count or both; found a map'],
  ['{ deletes: { procent: 10 } }', 'unknown key `procent` in syncs.s.guard.deletes; known keys are percent, count'],
  ['{ deletes: { percent: ten } }', 'guard.deletes.percent: expected a number of percent such as 10; found `ten`'],
  ['{ deletes: { percent: -1 } }', 'guard.deletes.percent: expected a number of percent such as 10; found `-1`'],
  ['{ deletes: { count: 1.5 } }', 'guard.deletes.count: expected a number of rows such as 500; found `1.5`'],
  ['{ deletes: { percent: 10, count: many } }', 'guard.deletes.count: expected a number of rows such as 500; found `many`'],
  ['{ proceed: deletes }', 'guard.proceed: expected inserts; found `deletes`'],
  ['{ empty: yes please }', 'guard.empty: expected allow or withhold; found `yes please`'],
  ['{ cascades: maybe }', 'guard.cascades: expected allow or withhold; found `maybe`'],
])('%s is an error that names the place and what is expected', async (guard, message) => {
  await expect(guardOf(guard)).rejects.toThrow(message)
  await expect(guardOf(guard)).rejects.toThrow(/syncline\.yaml:7:\d+: /)
  await expect(guardOf(guard, 'defaults')).rejects.toThrow(message.replace('syncs.s.', 'defaults.'))
  await expect(guardOf(guard, 'defaults')).rejects.toThrow(/syncline\.yaml:2:\d+: /)
})

test('the nearest key is named', async () => {
  await expect(guardOf('{ delete: 10% }')).rejects.toMatchObject({ hint: 'did you mean `deletes`?' })
  await expect(guardOf('{ deletes: { percents: 10 } }')).rejects.toMatchObject({ hint: 'did you mean `percent`?' })
})
