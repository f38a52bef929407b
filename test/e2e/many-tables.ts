import type { ConfigInput } from '../../src/index.ts'

/** A chain (country → customer → order → line), a diamond (line → product → country), a tree, and a circle. */
export const schema = [
  'create table country (code text primary key, name text)',
  'create table customer (id integer primary key, name text not null, country text references country)',
  'create table product (id integer primary key, name text, country text references country)',
  'create table "order" (id integer primary key, customer integer not null references customer, total integer)',
  'create table line (ordered integer references "order", product integer references product, pieces integer, primary key (ordered, product))',
  'create table person (id integer primary key, name text, boss integer references person)',
  'create table team (id integer primary key, name text, lead integer references member)',
  'create table member (id integer primary key, name text, team integer not null references team)',
  'create table audit_log (id integer primary key, what text)',
]

export const tables = ['country', 'customer', 'line', 'member', 'order', 'person', 'product', 'team']

export const rows = [
  "insert into country values ('DE', 'Germany'), ('UK', 'Britain')",
  "insert into customer values (1, 'Ada', 'UK'), (2, 'Carl', 'DE'), (3, 'Emmy', 'DE')",
  "insert into product values (1, 'Engine', 'UK'), (2, 'Curve', 'DE')",
  'insert into "order" values (10, 1, 100), (11, 2, 200), (12, 3, 300)',
  'insert into line values (10, 1, 1), (10, 2, 2), (11, 2, 3), (12, 1, 4)',
  "insert into person values (1, 'Root', null), (2, 'Left', 1), (3, 'Leaf', 2)",
  "pragma foreign_keys = off; insert into team values (1, 'Sets', 1); insert into member values (1, 'Emmy', 1), (2, 'Ada', 1)",
  "insert into audit_log values (1, 'nothing')",
]

/** Inserts, updates and deletes in every table: rows go, rows come, and rows that stay refer to others than before. */
export const changes = [
  'pragma foreign_keys = off',
  "insert into country values ('FR', 'France')",
  "update country set name = 'United Kingdom' where code = 'UK'",
  "insert into customer values (4, 'Sophie', 'FR')",
  'update "order" set customer = 4 where id = 12',
  'delete from customer where id = 3',
  "update product set country = 'FR' where id = 2",
  'delete from line where ordered = 11',
  'delete from "order" where id = 11',
  'delete from customer where id = 2',
  "delete from country where code = 'DE'",
  'insert into "order" values (13, 4, 400)',
  'insert into line values (13, 2, 5)',
  "insert into person values (4, 'New root', null)",
  'update person set boss = 4 where id in (2)',
  'delete from person where id = 1',
  "insert into team values (2, 'Rings', 3); insert into member values (3, 'Emil', 2); update member set team = 2 where id = 2",
]

export type Settings = Partial<NonNullable<ConfigInput['syncs']>[string]>

/** The same sync with other settings. */
export function withSettings(settings: Settings, connections: Record<string, string> = {}): ConfigInput {
  return {
    connections: { shop: './shop.db', lake: './lake.db', ...connections },
    syncs: { shop: { from: 'shop#*', to: 'lake#{table}', mode: 'mirror', exclude: ['audit_*'], guard: 'off', ...settings } },
  }
}

/** Every table of the shop into the lake. */
export const shop: ConfigInput = withSettings({})
