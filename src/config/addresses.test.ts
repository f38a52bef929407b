import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatAddress } from '../core/address.ts'
import type { ConnectionDefinition } from '../core/definition.ts'
import { type Address, parseAddress } from './addresses.ts'

const shop: ConnectionDefinition = { name: 'shop', type: 'postgres', options: { url: 'postgres://app@db/shop' } }
const directory = mkdtempSync(join(tmpdir(), 'syncline-addresses-'))
const context = { connections: new Map([['shop', shop]]), directory }

const files = (path: string, name: string) => ({ name, type: 'files', options: { path } })

test.each([
  ['shop', { connection: shop }],
  ['shop#public.orders', { connection: shop, object: 'public.orders' }],
  ['shop#"a.b".c', { connection: shop, object: '"a.b".c' }],
  ['shop#book.xlsx#2026', { connection: shop, object: 'book.xlsx', sheet: '2026' }],
  ['./orders.csv', { connection: files(directory, '.'), object: 'orders.csv' }],
  ['../x/orders.csv.gz', { connection: files(join(directory, '../x'), '../x'), object: 'orders.csv.gz' }],
  ['/orders.csv', { connection: files('/', '/'), object: 'orders.csv' }],
  ['~/orders.csv', { connection: files(homedir(), '~'), object: 'orders.csv' }],
  ['./in/*.csv', { connection: files(join(directory, 'in'), './in'), object: '*.csv' }],
  ['./in/2024-*/x.csv', { connection: files(join(directory, 'in'), './in'), object: '2024-*/x.csv' }],
  ['./book.xlsx#Prices', { connection: files(directory, '.'), object: 'book.xlsx', sheet: 'Prices' }],
  ['./data', { connection: files(join(directory, 'data'), './data') }],
  ['./data/', { connection: files(join(directory, 'data'), './data') }],
  ['.', { connection: files(directory, '.') }],
  ['./data#orders.csv', { connection: files(join(directory, 'data'), './data'), object: 'orders.csv' }],
  ['./data#book.xlsx#2026', { connection: files(join(directory, 'data'), './data'), object: 'book.xlsx', sheet: '2026' }],
  [
    './shop.db#orders',
    { connection: { name: './shop.db', type: 'sqlite', options: { path: join(directory, 'shop.db') } }, object: 'orders' },
  ],
  ['/a/shop.SQLITE3#t', { connection: { name: '/a/shop.SQLITE3', type: 'sqlite', options: { path: '/a/shop.SQLITE3' } }, object: 't' }],
  [
    './w.duckdb#main.t',
    { connection: { name: './w.duckdb', type: 'duckdb', options: { path: join(directory, 'w.duckdb') } }, object: 'main.t' },
  ],
  ['sqlite:./w#t', { connection: { name: 'sqlite:./w', type: 'sqlite', options: { path: join(directory, 'w') } }, object: 't' }],
  ['sqlite:///a/w#t', { connection: { name: 'sqlite:///a/w', type: 'sqlite', options: { path: '/a/w' } }, object: 't' }],
  ['duckdb:/a/w.x#t', { connection: { name: 'duckdb:/a/w.x', type: 'duckdb', options: { path: '/a/w.x' } }, object: 't' }],
  ['file:///a/b%20c.csv', { connection: files('/a', '/a'), object: 'b c.csv' }],
])('%s', (text, address) => {
  expect(parseAddress(text, context)).toEqual(address)
})

test('a URL is known by its name without passwords', () => {
  const { connection, object } = parseAddress('postgresql://me:s3cret@db:5432/shop?sslmode=require&password=s3cret#orders', context)
  expect(connection.name).toBe('postgresql://me@db:5432/shop?sslmode=require')
  expect(connection.options).toEqual({ url: 'postgresql://me:s3cret@db:5432/shop?sslmode=require&password=s3cret' })
  expect(object).toBe('orders')
})

test('what is there decides between folder and file where no extension does', () => {
  mkdirSync(join(directory, 'v1.2'))
  writeFileSync(join(directory, 'LICENSE'), '')
  expect(parseAddress('./v1.2#a.csv', context)).toMatchObject({ connection: { name: './v1.2' }, object: 'a.csv' })
  expect(parseAddress('./LICENSE', context)).toMatchObject({ connection: { name: '.' }, object: 'LICENSE' })
})

describe('what is no address', () => {
  test.each([
    ['shp#orders', 'there is no connection `shp`; connections are shop'],
    ['orders.csv', '`orders.csv` is not an address'],
    ['data/orders.csv', '`data/orders.csv` is not an address'],
    ['oracle://a:b@c/d#t', 'no connector takes URLs that begin with `oracle:`'],
    ['shop#', '`shop#` is not an address'],
    ['shop#a#b#c', '`shop#a#b#c` is not an address'],
    ['./a.csv#b#c', '`./a.csv#b#c` is not an address'],
    ['', '`` is not an address'],
    ['${env:URL}#a', 'an address cannot begin with a reference to a secret'],
  ])('%s', (text, message) => {
    expect(() => parseAddress(text, context)).toThrow(message)
  })
})

const name = fc.stringMatching(/^[A-Za-z][\w -]{0,8}$/)
const path = fc
  .tuple(fc.constantFrom('.', '..', '/srv', '~'), fc.array(fc.stringMatching(/^[a-z]\w{0,5}$/), { maxLength: 3 }))
  .map(([root, folders]) => [root, ...folders].join('/'))
const address = fc.oneof(
  fc.tuple(fc.constant('shop'), name).map(([head, object]) => `${head}#${object}`),
  fc.tuple(path, name, fc.constantFrom('csv', 'parquet', 'json.gz')).map(([folder, file, extension]) => `${folder}/${file}.${extension}`),
  fc.tuple(path, name, name).map(([folder, file, sheet]) => `${folder}/${file}.xlsx#${sheet}`),
  fc
    .tuple(path, name, fc.constantFrom('db', 'ddb'), name)
    .map(([folder, file, extension, table]) => `${folder}/${file}.${extension}#${table}`),
  fc.tuple(name, name).map(([database, table]) => `postgres://me@host/${encodeURIComponent(database)}#${table}`),
)

const format = ({ connection, object = '', sheet }: Address) => formatAddress(connection, object, sheet)

test('formatting is the inverse of parsing', () => {
  fc.assert(
    fc.property(address, (text) => {
      const parsed = parseAddress(text, context)
      expect(format(parsed)).toBe(text)
      expect(parseAddress(format(parsed), context)).toEqual(parsed)
    }),
  )
})

test('no password is ever part of a name', () => {
  const password = fc.string({ minLength: 4, unit: fc.constantFrom(...'aZ09:@!$&;=+,~_-.%20') })
  fc.assert(
    fc.property(password, fc.boolean(), (secret, inQuery) => {
      const marked = `Q7${encodeURIComponent(secret)}`
      const url = inQuery ? `postgres://me@host/db?password=${marked}&sslmode=require#t` : `postgres://me:${marked}@host/db#t`
      expect(parseAddress(url, context).connection.name).not.toContain('Q7')
    }),
  )
})
