import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { World } from './world.ts'

const schema = [
  'create table customer (id int primary key, mail varchar(40) not null unique)',
  'create table `order` (id int primary key, customer int not null, foreign key (customer) references customer (id))',
  'create table line (ordered int, position int, primary key (ordered, position), foreign key (ordered) references `order` (id) on delete cascade)',
  'create table person (id int primary key, boss int, foreign key (boss) references person (id))',
  'create table team (id int primary key, lead_by int)',
  'create table member (id int primary key, team int not null, foreign key (team) references team (id))',
  'alter table team add foreign key (lead_by) references member (id)',
]

const tables = ['customer', 'line', 'member', 'order', 'person', 'team']

const rows = [
  "insert into customer values (1, 'ada@x'), (2, 'carl@x')",
  'insert into `order` values (1, 1), (2, 2)',
  'insert into line values (1, 1), (2, 1)',
  'set foreign_key_checks = 0',
  'insert into person values (1, 3), (2, 1), (3, null)',
  'insert into team values (1, 1), (2, null)',
  'insert into member values (1, 1), (2, 1)',
]

const changes = [
  'set foreign_key_checks = 0',
  "insert into customer values (3, 'emmy@x')",
  'update `order` set customer = 3 where id = 2',
  'delete from customer where id = 2',
  'delete from line where ordered = 1',
  'delete from `order` where id = 1',
  'insert into line values (2, 2)',
  'delete from person where id = 3',
  'insert into person values (4, null)',
  'update person set boss = 4 where id = 1',
  'update team set lead_by = 3 where id = 2',
  'insert into member values (3, 2)',
  'delete from team where id = 1',
  'delete from member where team = 1',
]

describe.skipIf(noMysql)(`many tables into MySQL, which judges each row${noMysql ? ` (${noMysql})` : ''}`, () => {
  test('chain, cascade, tree and circle come and go in one run', { timeout: 120_000 }, async () => {
    await using shop = await freshMysqlDatabase()
    await using lake = await freshMysqlDatabase()
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

async function expectInStep(world: World, config: ConfigInput, shop: FreshDatabase, lake: FreshDatabase): Promise<void> {
  const results = await world.run(config)
  expect(results.map(({ sync, error }) => [sync, error])).toEqual(tables.map((name) => [`shop/${name}`, null]))
  for (const name of tables) {
    expect(await lake.rows(`select * from \`${name}\` order by 1, 2`), name).toEqual(
      await shop.rows(`select * from \`${name}\` order by 1, 2`),
    )
  }
}
