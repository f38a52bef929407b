import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ConfigError } from '../core/errors.ts'
import { loadConfig, resolveConfig } from './load.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-config-'))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true })
})

async function load(text: string, set: readonly string[] = [], name = 'syncline.yaml') {
  await writeFile(join(directory, name), text)
  return await loadConfig(undefined, directory, set)
}

/** What a person is told: the message, and the hint below it. */
async function complaint(loading: Promise<unknown>): Promise<string> {
  const error = await loading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ConfigError)) throw new Error('expected a ConfigError', { cause: error })
  return [error.message, ...(error.hint === undefined ? [] : [`→ ${error.hint}`])].join('\n')
}

const connections = `connections:
  shop: postgres://app@db.example/shop
  desk: ./data
`

describe('what a config means', () => {
  test('short and long forms, aliases of modes, defaults, guards', async () => {
    const config = await load(`${connections}
defaults: { verify: counts, tags: [daily] }
syncs:
  orders:
    from: shop#public.orders
    to: ./out/orders.parquet
    mode: full-refresh
  prices:
    from: { connection: desk, object: prices.csv, select: sku, delimiter: ";", null: NA, columns: { price: "decimal(12,2)" } }
    to: { connection: shop, object: prices }
    mode: merge
    key: [sku, currency]
    guard: { deletes: [10%, 500], updates: { percent: 20, count: 7 }, inserts: 2.5%, proceed: inserts }
    verify: full
    after: orders
  rates:
    from: { connection: shop, query: select 1, cursor: at, lag: 10 minutes }
    to: desk#rates.xlsx#2026
    mode: append
    guard: off
`)
    expect(config.path).toBe(join(directory, 'syncline.yaml'))
    expect(config.statePath).toBe(join(directory, '.syncline', 'state.db'))
    const [orders, prices, rates] = config.syncs
    expect(orders).toMatchObject({
      name: 'orders',
      mode: 'replace',
      onReject: 'stop',
      verify: 'counts',
      tags: ['daily'],
      after: [],
      from: { object: 'public.orders', connection: { name: 'shop', type: 'postgres', options: { url: 'postgres://app@db.example/shop' } } },
      to: { object: 'orders.parquet', connection: { name: './out', type: 'files', options: { path: join(directory, 'out') } } },
    })
    expect(prices).toMatchObject({
      mode: 'upsert',
      onReject: 'continue',
      verify: 'full',
      key: ['sku', 'currency'],
      after: ['orders'],
      guard: { deletes: { share: 0.1, rows: 500 }, updates: { share: 0.2, rows: 7 }, inserts: { share: 0.025 }, proceed: 'inserts' },
      from: { object: 'prices.csv', select: ['sku'], options: { delimiter: ';', null: 'NA', columns: { price: 'decimal(12,2)' } } },
    })
    expect(rates).toMatchObject({
      guard: 'off',
      from: { query: 'select 1', cursor: 'at', lag: '10 minutes' },
      to: { object: 'rates.xlsx', options: { sheet: '2026' } },
    })
    expect(rates?.from).not.toHaveProperty('object')
  })

  test.each([
    ['30d', { keepSeconds: 2_592_000, bytes: 1e9 }],
    ['12h', { keepSeconds: 43_200, bytes: 1e9 }],
    ['{ keep: 2w, size: 500MB }', { keepSeconds: 1_209_600, bytes: 5e8 }],
    ['{ size: 2GB }', { keepSeconds: 2_592_000, bytes: 2e9 }],
    ['off', 'off'],
  ])('journal: %s, under `defaults` too', async (text, meant) => {
    const syncs =
      'syncs: { a: { from: shop#a, to: desk#a.csv, mode: replace, journal: 1h }, b: { from: shop#b, to: desk#b.csv, mode: replace } }'
    const config = await load(`${connections}defaults: { journal: ${text} }\n${syncs}\n`)
    expect(config.syncs.map(({ journal }) => journal)).toEqual([{ keepSeconds: 3600, bytes: 1e9 }, meant])
  })

  test.each(['30', '30 days', '-1d', '{ size: big }', 'true'])('journal: %s is refused with what was expected', async (text) => {
    const syncs = `syncs: { a: { from: shop#a, to: desk#a.csv, mode: replace, journal: ${text} } }`
    await expect(load(`${connections}${syncs}\n`)).rejects.toThrow(/journal.*expected.*(30d|1GB)/)
  })

  test('anchors and merge keys', async () => {
    const config = await load(`${connections}
syncs:
  a: &base { from: shop#a, to: desk#a.csv, mode: replace, tags: [x] }
  b: { <<: *base, to: desk#b.csv }
`)
    expect(config.syncs.map(({ to, tags }) => [to.object, tags])).toEqual([
      ['a.csv', ['x']],
      ['b.csv', ['x']],
    ])
  })

  test('TypeScript is read as it is', async () => {
    const config = await load(
      `interface Row { id: number }
const from: string = './a.csv'
export default { syncs: { a: { from, to: './b.csv', mode: 'replace' } } }`,
      [],
      'syncline.config.ts',
    )
    expect(config.syncs[0]?.from.object).toBe('a.csv')
  })

  test('a program may hand a config over', async () => {
    const config = await resolveConfig({ syncs: { a: { from: './a.csv', to: './b.csv', mode: 'replace' } }, state: 'x/s.db' }, directory)
    expect(config.syncs[0]?.to.connection.options).toEqual({ path: directory })
    expect(config.statePath).toBe(join(directory, 'x', 's.db'))
    expect(config.path).toBeUndefined()
  })

  test('--set wins over the file', async () => {
    const text = `${connections}\nsyncs: { a: { from: shop#a, to: desk#a.csv, mode: replace } }`
    const config = await load(text, ['syncs.a.mode=upsert', 'syncs.a.key=[x, y]', 'syncs.b={from: shop#b, to: desk#b.csv, mode: append}'])
    expect(config.syncs).toMatchObject([
      { mode: 'upsert', key: ['x', 'y'] },
      { name: 'b', mode: 'append' },
    ])
  })
})

describe('secrets', () => {
  test('are looked up when a connection is used, and no earlier', async () => {
    vi.stubEnv('SYNCLINE_TEST_SECRET', 'p@ss/wört')
    await writeFile(join(directory, 'user.txt'), 'ann\n')
    const config = await load(`connections:
  erp: { type: postgres, user: "\${file:user.txt}", password: "\${env:SYNCLINE_TEST_SECRET}", literal: "$\${env:X}" }
  shop: postgres://app:\${env:SYNCLINE_TEST_SECRET}@db.example/shop
  none: postgres://app:\${env:SYNCLINE_TEST_ABSENT}@db.example/shop
syncs:
  a: { from: erp#a, to: shop#a, mode: replace }
`)
    expect(config.connections.get('erp')?.options).toEqual({ user: 'ann', password: 'p@ss/wört', literal: '${env:X}' })
    expect(config.connections.get('shop')?.options).toEqual({ url: 'postgres://app:p%40ss%2Fw%C3%B6rt@db.example/shop' })
    expect(config.connections.get('shop')?.type).toBe('postgres')
    expect(await complaint(Promise.resolve().then(() => config.connections.get('none')?.options))).toMatchInlineSnapshot(`
      "syncline.yaml:4:9: connections.none needs the environment variable SYNCLINE_TEST_ABSENT, which is not set
      → set SYNCLINE_TEST_ABSENT"
    `)
  })

  test('a missing file and an unknown kind say so', async () => {
    const config = await load(`connections:
  a: { type: x, password: "\${file:./gone}" }
  b: { type: x, nested: [{ token: "\${vault:k}" }] }
`)
    const use = (name: string) => complaint(Promise.resolve().then(() => config.connections.get(name)?.options))
    expect(await use('a')).toBe(
      `syncline.yaml:2:27: connections.a.password needs the file ${join(directory, 'gone')}, which cannot be read\n→ check that it exists and that you may read it`,
    )
    expect(await use('b')).toContain('syncline.yaml:3:35: connections.b.nested[0].token needs `${env:NAME}` or `${file:PATH}`')
  })

  test('no message shows what stands under connections or in a URL', async () => {
    const texts = [
      'connections: { a: [hunter2] }',
      'connections: { a: { type: x, password: hunter2, host: hunter2 }, a: 1 }',
      'connections: { a: { type: 1, password: hunter2 } }',
      'connections: { a: "oracle://u:hunter2@h/d" }',
      'connections: { a: hunter2 }',
      'syncs: { a: { from: "postgres://u:hunter2@h/d", to: "postgres://u:hunter2@h/d#x", mode: replace } }',
      'syncs: { a: { from: "postgres://u:hunter2#a#b@h/d", to: "oracle://u:hunter2@h/d#x", mode: replace } }',
      'syncs: { a: { from: {connection: "postgres://u:hunter2@h/d"}, to: ["postgres://u:hunter2@h/d#x"], mode: replace } }',
    ]
    for (const text of texts) expect(await complaint(load(text))).not.toContain('hunter2')
  })
})

describe('what is wrong is said with file, line, expectation, finding and nearest key', () => {
  test('shapes, all at once and in order', async () => {
    expect(
      await complaint(
        load(`${connections}  9x: ./a
  w: 12
  s: { host: secret }
syncs:
  a:
    from: shop#x
    to: desk#x.csv
    mod: mirror
  b:
    to: { connection: shop }
    mode: mirrror
    guard: { deletes: ten }
  c:
    from: { connection: shop, object: x, curser: x, lag: [] }
    to: shop#y
    mode: mirror
    verify: true
`),
      ),
    ).toMatchInlineSnapshot(`
      "syncline.yaml:4:3: \`9x\` is not a name; expected letters, digits, \`_\` and \`-\`, beginning with a letter or \`_\`
      syncline.yaml:5:6: connections.w: expected a URL, a path, or a map with \`type\`; found a number
      syncline.yaml:6:3: connections.s.type is missing; expected the name of a connector
      syncline.yaml:11:5: unknown key \`mod\` in syncs.a; known keys are from, to, mode, key, guard, verify, on_reject, journal, resume, redact, tags, scope, exclude, tables, parallel, after
          did you mean \`mode\`?
      syncline.yaml:12:3: syncs.b.from is missing; expected an address such as shop#public.orders, or a map with \`connection\`
      syncline.yaml:13:5: syncs.b.to.object is missing; expected the name of a table, a file or another object
      syncline.yaml:14:11: syncs.b.mode: expected one of replace, append, upsert, mirror; found \`mirrror\`
          did you mean \`mirror\`?
      syncline.yaml:15:23: syncs.b.guard.deletes: expected 10%, 500, [10%, 500] or { percent: 10, count: 500 } for both; found \`ten\`
      syncline.yaml:17:42: unknown key \`curser\` in syncs.c.from; known keys are connection, object, resource, sheet, query, select, where, cursor, lag, format, delimiter, quote, header, range, encoding, compression, null, columns, method, params, headers, body, rows, paginate, parent, split, flatten, cursor_param, cursor_format, resume
          did you mean \`cursor\`?
      syncline.yaml:17:58: syncs.c.from.lag: expected a number, or an interval such as 10 minutes; found an empty list
      … and 1 more"
    `)
  })

  test('meaning', async () => {
    expect(
      await complaint(
        load(`${connections}syncs:
  a:
    from: shp#public.orders
    to: shop
    mode: mirror
  b: { from: orders.csv, to: "oracle://me@h/x#t", mode: mirror }
  d:
    from: { connection: shop, object: x, query: select 1 }
    to: shop#y
    mode: mirror
  e: { from: shop#a, to: shop#b }
`),
      ),
    ).toMatchInlineSnapshot(`
      "syncline.yaml:6:11: there is no connection \`shp\`; connections are shop, desk
          did you mean \`shop\`?
      syncline.yaml:7:9: \`shop\` names a connection; expected an object in it
          write shop#… with the name of the object
      syncline.yaml:9:14: \`orders.csv\` is not an address: expected connection#object, URL#object or a path
          a path begins with ./: write ./orders.csv
      syncline.yaml:9:30: no connector takes URLs that begin with \`oracle:\`
          known are postgres:, postgresql:, mysql:, mariadb:, sqlserver:, mssql:, sqlite:, duckdb:, file:, https:, http:
      syncline.yaml:11:11: syncs.d.from has both \`object\` and \`query\`; expected one of them
          leave \`query\` or \`object\` out
      syncline.yaml:14:3: syncs.e.mode is missing; expected one of replace, append, upsert, mirror"
    `)
  })

  test('a type of a column that there is not', async () => {
    const text = 'syncs: { a: { from: { connection: ./in, object: a.csv, columns: { n: strng } }, to: ./b.csv, mode: replace } }'
    expect(await complaint(load(text))).toContain('syncline.yaml:1:70: `strng` is not a type\n→ types are boolean')
  })

  test('rules over syncs (rule 1)', async () => {
    expect(
      await complaint(
        load(`${connections}syncs:
  a:
    from: { connection: shop, object: x, where: a > 1, cursor: x }
    to: shop#y
    mode: mirror
    after: b
  b: { from: shop#z, to: shop#y, mode: mirror, after: a, scope: x > 1 }
  c: { from: { connection: shop, object: x, cursor: c }, to: shop#c, mode: replace, after: [aa] }
  d: { from: { connection: shop, object: x, lag: 5 }, to: shop#d, mode: upsert, scope: x > 1, key: [a, a] }
`),
      ),
    ).toMatchInlineSnapshot(`
      "syncline.yaml:6:42: syncs.a: \`where\` bounds the source of a mirror alone; target rows outside of it would be deleted
          put the predicate under \`scope\`, which bounds both sides alike
      syncline.yaml:6:56: syncs.a: a mirror reads its whole source; \`cursor\` would leave rows out, which the target would then lose
          leave \`cursor\` out, or choose the mode upsert or append
      syncline.yaml:9:5: syncs wait for each other in a circle: a after b after a
          take one of these \`after\` out
      syncline.yaml:10:3: syncs.b and syncs.a both mirror into one target and not both have a scope; each would delete the rows of the other
          give each a \`scope\` that the other does not touch, or use the mode upsert
      syncline.yaml:11:45: syncs.c: a replace reads its whole source; \`cursor\` would leave rows out, which the target would then lose
          leave \`cursor\` out, or choose the mode upsert or append
      syncline.yaml:11:93: syncs.c.after: there is no sync \`aa\`; syncs are a, b, d
          did you mean \`a\`?
      syncline.yaml:12:45: syncs.d: \`lag\` needs a \`cursor\` to stay behind
          name the \`cursor\` column
      syncline.yaml:12:81: syncs.d: \`scope\` bounds both sides of a mirror; this sync is upsert
          to read fewer rows, use \`where\` under \`from\`
      syncline.yaml:12:100: syncs.d.key names \`a\` twice"
    `)
  })

  test.each([
    ['a duplicate key', 'connections: {}\nsyncs: {}\nconnections: {}\n'],
    ['a tab', 'connections:\n\ta: ./x\n'],
    ['an alias to nothing', 'connections: { a: *x }\n'],
    ['two documents', 'connections: {}\n---\nsyncs: {}\n'],
    ['a text in place of a map', 'connections\n'],
    ['what is not supported yet', 'syncs: { a: { from: ./a.csv, to: ./b.csv, mode: scd2, transform: [] } }'],
    ['a file as a connection', 'connections: { a: ./a.csv }'],
    ['an unknown type of connection value', 'connections: { a: { type: [] } }'],
  ])('%s', async (name, text) => {
    expect(`${name}\n${await complaint(load(text))}`).toMatchSnapshot()
  })

  test('scopes that differ keep two mirrors of one target apart', async () => {
    const config = await load(`${connections}syncs:
  a: { from: shop#a, to: shop#t, mode: mirror, scope: region = 'a' }
  b: { from: shop#b, to: "shop#t", mode: mirror, scope: region = 'b' }
`)
    expect(config.syncs).toHaveLength(2)
  })

  test('two names for one file are one target', async () => {
    const text = 'syncs: { a: { from: ./a.csv, to: ./d.db#t, mode: mirror }, b: { from: ./b.csv, to: ././d.db#t, mode: mirror } }'
    expect(await complaint(load(text))).toContain('both mirror into one target')
  })

  test('no config, two configs, a config that is not there', async () => {
    expect(await complaint(loadConfig(undefined, directory))).toContain(
      `no config in ${directory}; looked for syncline.yaml, syncline.yml, syncline.config.ts`,
    )
    expect(await complaint(loadConfig('gone.yaml', directory))).toContain('there is no config gone.yaml')
    await writeFile(join(directory, 'syncline.yml'), '')
    expect(await complaint(load(''))).toContain('holds both syncline.yaml and syncline.yml')
  })

  test('TypeScript names the key path', async () => {
    const text = "export default { syncs: { a: { from: './a.csv', to: './b.csv', mode: 'replace', map: (row: unknown) => row } } }"
    expect(await complaint(load(text, [], 'syncline.config.mts'))).toBe(
      'syncline.config.mts: syncs.a.map is not supported yet\n→ leave `map` out: it would have no effect',
    )
    await rm(join(directory, 'syncline.config.mts'))
    expect(await complaint(load('export const config = 1', [], 'syncline.config.js'))).toContain('has no config as its default export')
  })

  test('--set', async () => {
    const text = `${connections}syncs: { a: { from: shop#a, to: desk#a.csv, mode: replace } }`
    expect(await complaint(load(text, ['syncs.a.mode=bogus']))).toContain('--set syncs.a.mode: syncs.a.mode: expected one of')
    expect(await complaint(load(text, ['connections.shop.password=x']))).toContain('what stands above `password` is no map')
    expect(await complaint(load(text, ['nonsense']))).toContain('expected KEY=VALUE')
  })
})
