import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { type FreshSqlServerDatabase, freshSqlServerDatabase, noServer } from '../services/sqlserver.ts'
import { World } from './world.ts'

const schema = [
  'create table customer (id int not null primary key, mail nvarchar(40) not null unique)',
  'create table purchase (id int not null primary key, customer int not null, foreign key (customer) references customer (id))',
  `create table line (ordered int not null, position int not null, primary key (ordered, position),
     foreign key (ordered) references purchase (id) on delete cascade)`,
  'create table person (id int not null primary key, boss int, foreign key (boss) references person (id))',
  'create table team (id int not null primary key, lead_by int)',
  'create table member (id int not null primary key, team int not null, foreign key (team) references team (id))',
  'alter table team add constraint led foreign key (lead_by) references member (id)',
]

const tables = ['customer', 'line', 'member', 'person', 'purchase', 'team']

const rows = [
  "insert into customer values (1, 'ada@x'), (2, 'carl@x')",
  'insert into purchase values (1, 1), (2, 2)',
  'insert into line values (1, 1), (2, 1)',
  'insert into person values (1, 3), (2, 1), (3, null)',
  'insert into team values (1, null), (2, null)',
  'insert into member values (1, 1), (2, 1)',
  'update team set lead_by = 1 where id = 1',
]

/** Rows go and come, and rows that stay refer to others than before. */
const changes = [
  "insert into customer values (3, 'emmy@x')",
  'update purchase set customer = 3 where id = 2',
  'delete from customer where id = 2',
  'delete from purchase where id = 1',
  'insert into line values (2, 2)',
  'insert into person values (4, null)',
  'update person set boss = 4 where id = 1',
  'delete from person where id = 3',
  'insert into member values (3, 2)',
  'update team set lead_by = 3 where id = 2',
  'update team set lead_by = null where id = 1',
  'delete from member where team = 1',
  'delete from team where id = 1',
]

describe.skipIf(noServer !== undefined)(`many tables into SQL Server${noServer === undefined ? '' : ` (${noServer})`}`, () => {
  test('chain, cascade, tree and circle come and go in one run', { timeout: 600_000 }, async () => {
    await using shop = await freshSqlServerDatabase()
    await using lake = await freshSqlServerDatabase()
    using world = new World()
    await shop.run(...schema, ...rows)
    await lake.run(...schema)
    const config: ConfigInput = {
      connections: { shop: shop.url, lake: lake.url },
      syncs: { shop: { from: 'shop#*', to: 'lake#{table}', mode: 'mirror', guard: 'off' } },
    }
    await expectInStep(world, config, shop, lake)
    await shop.run(...changes)
    await expectInStep(world, config, shop, lake)
  })
})

async function expectInStep(world: World, config: ConfigInput, shop: FreshSqlServerDatabase, lake: FreshSqlServerDatabase): Promise<void> {
  const results = await world.run(config)
  expect(results.map(({ sync, error }) => [sync, error])).toEqual(tables.map((name) => [`shop/${name}`, null]))
  for (const name of tables) {
    const all = `select * from ${name} order by 1, 2`
    expect(await lake.rows(all), name).toEqual(await shop.rows(all))
  }
}
