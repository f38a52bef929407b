import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolveConfig } from '../../config/load.ts'
import { readYaml } from '../../config/yaml.ts'
import { type StartingPoint, startingConfig } from './starting-config.ts'

async function resolved(point: StartingPoint, cwd = '/work', directory = '/work') {
  const { text, variables } = startingConfig(point, cwd, directory)
  const { input } = readYaml(text, 'syncline.yaml')
  return { text, variables, config: await resolveConfig(input as object, directory) }
}

test('an example where nothing is given', async () => {
  const { text, config } = await resolved({})
  expect(text).toMatchInlineSnapshot(`
    "# What Syncline keeps in step. See what a run would change: syncline plan

    # Systems by name: a URL, a path, or a map with \`type\`. Secrets: \${env:NAME} or \${file:PATH}.
    # connections:
    #   shop: postgres://app:\${env:SHOP_PASSWORD}@db.example/shop

    syncs:
      orders:
        from: ./data/orders.csv
        to: ./warehouse.db#orders
        mode: mirror    # replace, append, upsert or mirror
        key: id    # the columns that identify a row
        # guard: { deletes: 10% }    # withhold a run that would delete more
    "
  `)
  expect(config.syncs).toMatchObject([
    { name: 'orders', mode: 'mirror', key: ['id'], from: { object: 'orders.csv' }, to: { object: 'orders' } },
  ])
})

test('passwords stay out, URLs get a name, paths keep their place', async () => {
  const point: StartingPoint = { from: './in/a b.csv', to: 'postgres://me:p#w@db/shop#public.orders', mode: 'append' }
  const { text, variables, config } = await resolved(point, '/work', '/work/etc/sub')
  expect(text).not.toContain('p#w')
  expect(variables).toEqual(['TARGET_PASSWORD'])
  expect(text).toContain('target: "postgres://me:${env:TARGET_PASSWORD}@db/shop"')
  expect(config.syncs).toMatchObject([
    {
      name: 'orders',
      mode: 'append',
      from: { object: 'a b.csv', connection: { options: { path: join('/work', 'in') } } },
      to: { connection: { name: 'target' }, object: 'public.orders' },
    },
  ])
})

test('what is written means what was asked for', async () => {
  const name = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'aZ0 :{}[]"\'\\&*!|>%@`,?-.~$é') })
  const key = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => [...new Set(names)])
  await fc.assert(
    fc.asyncProperty(name, key, async (table, columns) => {
      const { config } = await resolved({ from: './a.db#t', to: `./b.db#${table}`, mode: 'upsert', key: columns })
      expect(config.syncs[0]).toMatchObject({ to: { object: table }, key: columns })
    }),
  )
})
