import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigInput, openSyncline } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

let world: World
let database: FreshDatabase

beforeEach(async () => {
  world = new World()
  database = await freshDatabase()
})

afterEach(async () => {
  world[Symbol.dispose]()
  await database[Symbol.asyncDispose]()
})

const tables = ['country', 'customer', 'line', 'log', 'member', 'node', 'order', 'person', 'product', 'remark', 'tag', 'team'] as const

/**
 * A dozen tables: a chain (country → customer → order → line → remark), a diamond (line → order, product → country), a tree whose
 * keys are judged at the end of each statement, one whose rows go when their parent goes, a circle that can be opened and one that
 * is judged at the commit.
 */
function schema(name: string): readonly string[] {
  return [
    `create schema ${name}`,
    `set search_path = ${name}`,
    'create table country (code text primary key, name text)',
    'create table customer (id int primary key, mail text not null unique, country text not null references country)',
    'create table product (id int primary key, name text, country text references country)',
    'create table "order" (id int primary key, customer int not null references customer, total numeric(12,2))',
    'create table line (ordered int references "order", product int references product, pieces int, primary key (ordered, product))',
    'create table remark (id int primary key, ordered int, product int, what text, foreign key (ordered, product) references line on delete cascade)',
    'create table person (id int primary key, name text, boss int references person)',
    'create table node (id int primary key, above int references node on delete cascade)',
    'create table team (id int primary key, name text, lead int)',
    'create table member (id int primary key, name text, team int not null references team)',
    'alter table team add constraint team_lead foreign key (lead) references member',
    'create table log (id int primary key, tag int not null)',
    'create table tag (id int primary key, log int not null references log deferrable)',
    'alter table log add constraint log_tag foreign key (tag) references tag deferrable',
  ]
}

const rows = [
  "insert into country values ('DE', 'Germany'), ('UK', 'Britain')",
  "insert into customer values (1, 'ada@x', 'UK'), (2, 'carl@x', 'DE'), (3, 'emmy@x', 'DE')",
  "insert into product values (1, 'Engine', 'UK'), (2, 'Curve', 'DE')",
  'insert into "order" values (10, 1, 100), (11, 2, 200), (12, 3, 300)',
  'insert into line values (10, 1, 1), (10, 2, 2), (11, 2, 3), (12, 1, 4)',
  "insert into remark values (1, 10, 1, 'a'), (2, 11, 2, 'b'), (3, null, null, 'c')",
  "insert into person values (1, 'Root', null), (2, 'Left', 1), (3, 'Leaf', 2)",
  'insert into node values (1, null), (2, 1), (3, 2)',
  "insert into team values (1, 'Sets', null); insert into member values (1, 'Emmy', 1), (2, 'Ada', 1); update team set lead = 1",
  'begin; set constraints all deferred; insert into tag values (1, 1); insert into log values (1, 1); commit',
]

/** Rows go, rows come, and rows that stay refer to others than before. */
const changes = [
  "insert into country values ('FR', 'France')",
  "update country set name = 'United Kingdom' where code = 'UK'",
  "insert into customer values (4, 'sophie@x', 'FR')",
  'update "order" set customer = 4 where id = 12',
  'delete from customer where id = 3',
  "update product set country = 'FR' where id = 2",
  'delete from line where ordered = 11',
  'delete from "order" where id = 11',
  'delete from customer where id = 2',
  "delete from country where code = 'DE'",
  'insert into "order" values (13, 4, 400.50)',
  'insert into line values (13, 2, 5)',
  "insert into remark values (4, 13, 2, 'd')",
  'update remark set ordered = 13, product = 2 where id = 1',
  'delete from line where ordered = 10 and product = 1',
  "insert into person values (4, 'New root', null)",
  'update person set boss = 4 where id = 2',
  'delete from person where id = 1',
  'insert into node values (4, null); update node set above = 4 where id = 2; delete from node where id = 1',
  "insert into team values (2, 'Rings', null); insert into member values (3, 'Emil', 2); update team set lead = 3 where id = 2",
  'update member set team = 2 where id = 2; update team set lead = null where id = 1; delete from member where id = 1; delete from team where id = 1',
  'begin; set constraints all deferred; delete from tag; delete from log; insert into tag values (2, 2); insert into log values (2, 2); commit',
]

function config(more: Partial<NonNullable<ConfigInput['syncs']>[string]> = {}): ConfigInput {
  return {
    connections: { shop: database.url, lake: { type: 'postgres', url: database.url, schema: 'lake' } },
    syncs: { shop: { from: 'shop#shop.*', to: 'lake#lake.{table}', mode: 'mirror', guard: 'off', ...more } },
  }
}

async function run(config: ConfigInput) {
  return await world.run(config)
}

async function sql(...statements: readonly string[]): Promise<void> {
  await using client = await database.connect()
  await client.run(...statements)
}

async function content(schema: string): Promise<Record<string, readonly unknown[]>> {
  const entries: [string, readonly unknown[]][] = []
  for (const name of tables) entries.push([name, await database.rows(`select t::text from ${schema}."${name}" t order by 1`)])
  return Object.fromEntries(entries)
}

const statuses = (results: readonly { readonly sync: string; readonly status: string; readonly error: unknown }[]) =>
  results.map(({ sync, status, error }) => [sync, status, error])

const allSucceeded = tables.map((name) => [`shop/shop.${name}`, 'succeeded', null])

describe('a dozen tables that refer to each other', { timeout: 120_000 }, () => {
  test.each(['mirror', 'replace'] as const)('%s: chain, diamond, tree and circles come and go in one run', async (mode) => {
    await sql(...schema('shop'), ...rows, ...schema('lake'))
    expect(statuses(await run(config({ mode })))).toEqual(allSucceeded)
    expect(await content('lake')).toEqual(await content('shop'))
    await sql('set search_path = shop', ...changes)
    expect(statuses(await run(config({ mode })))).toEqual(allSucceeded)
    expect(await content('lake')).toEqual(await content('shop'))
    const third = await run(config({ mode, verify: 'full' }))
    expect(third.map(({ counts }) => counts.inserted + counts.updated + counts.deleted)).toEqual(tables.map(() => 0))
    await sql(
      'set search_path = shop',
      'begin; set constraints all deferred',
      ...tables.filter((name) => name !== 'team').map((name) => `truncate "${name}" cascade`),
      'commit',
    )
    expect(statuses(await run(config({ mode })))).toEqual(allSucceeded)
    expect(await content('lake')).toEqual(await content('shop'))
  })

  test('what a plan counts is what a run does', async () => {
    await sql(...schema('shop'), ...rows, ...schema('lake'))
    await run(config())
    await sql('set search_path = shop', ...changes)
    await using syncline = await openSyncline({ config: config(), cwd: world.folder })
    const planned = (await syncline.plan().results).map(({ sync, counts }) => [sync, counts])
    const done = (await syncline.run().results).map(({ sync, counts }) => [sync, counts])
    expect(planned).toEqual(done)
    expect((await syncline.verify().results).map(({ status }) => status)).toEqual(tables.map(() => 'succeeded'))
  })
})

test.each(['mirror', 'replace'] as const)('%s: rows that go wait for those that refer to them and go late themselves', async (mode) => {
  await using source = await freshDatabase()
  await using target = await freshDatabase()
  const schema = [
    'CREATE TABLE a (id integer PRIMARY KEY, b integer)',
    'CREATE TABLE b (id integer PRIMARY KEY, a integer REFERENCES a, up integer REFERENCES b)',
    'ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b',
  ]
  // Row 4 of b, to which a row of a refers until it is changed, refers to a row of a that goes, and so does the one above it.
  await source.run(...schema, 'INSERT INTO a VALUES (2, NULL)', 'INSERT INTO b VALUES (2, 2, NULL)')
  await target.run(
    ...schema,
    'INSERT INTO a VALUES (2, NULL), (5, NULL), (6, NULL)',
    'INSERT INTO b VALUES (3, 5, NULL), (4, 6, 3)',
    'UPDATE a SET b = 4 WHERE id IN (2, 6)',
  )
  using world = new World()
  const config: ConfigInput = {
    connections: { a: source.url, b: target.url },
    syncs: { all: { from: 'a#public.*', to: 'b#public.{table}', mode, guard: 'off' } },
  }
  const results = await world.run(config)
  expect(results.map(({ status, error, counts }) => [status, error, counts.deleted, counts.rejected])).toEqual([
    ['succeeded', null, 2, 0],
    ['succeeded', null, 2, 0],
  ])
  expect(await target.rows('SELECT a.id, b.id, b.a FROM a, b')).toEqual([['2', '2', '2']])
})
