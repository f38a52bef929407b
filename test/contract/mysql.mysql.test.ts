import { describe, test } from 'vitest'
import { mysql } from '../../src/connectors/mysql/mysql.ts'
import { freshMysqlDatabase, mysqlFlavor, noMysql } from '../services/mysql.ts'
import { describeConnector, type Tested } from './suite.ts'

const astral = 'MySQL has no names with characters past U+FFFF; all others are tested beside the connector'

/** MySQL keeps documents in a form of its own, of which numbers past 64 bits are doubles; MariaDB keeps their texts. */
const documents =
  mysqlFlavor === 'mysql'
    ? { lacks: { json: ['12345678901234567890.123'] }, respelled: ['{"a":1}', '{"b":[1,{"c":null}],"a":"\\u0000-free 𝄞"}'] }
    : { lacks: {}, respelled: [] }

const tested: Tested = {
  name: 'mysql',
  lacks: {
    ...documents.lacks,
    real: ['NaN', 'Infinity', '-Infinity'],
    double: ['NaN', 'Infinity', '-Infinity'],
    date: ['infinity', '-infinity', '0044-03-15 BC', '4713-01-01 BC', '5874897-12-31'],
    'timestamp(6)': ['infinity', '-infinity', '0044-03-15 12:00:00.000001 BC', '294276-12-31 23:59:59.999999'],
    // An instant is a `timestamp`, which ends in 2038.
    'timestamptz(6)': [
      '0001-01-01 00:00:00+00',
      '1969-12-31 23:59:59.999999+00',
      '9999-12-31 23:59:59.999999+00',
      'infinity',
      '-infinity',
      '0044-03-15 12:00:00.000001+00 BC',
      '294276-12-31 23:59:59.999999+00',
    ],
  },
  // MySQL stores negative zero as zero.
  equates: { real: ['-0'], double: ['-0'], json: documents.respelled },
  limits: {
    'names keep case, quotes, dots, spaces, and any letters': astral,
    'table names keep case, quotes, dots, spaces, and any letters': astral,
    'checksums are equal for equal rows in any order, and for no others':
      'rows are hashed as elsewhere, by digests: MySQL has no faster hash',
    'columns that were added without a commit are gone': 'MySQL commits an ALTER TABLE at once (rule 18)',
  },
  async prepare() {
    const fresh = await freshMysqlDatabase()
    return {
      open: async (context) => await mysql.open(mysql.parseOptions({ url: fresh.url }), context),
      ref: (name) => ({ name }),
      execute: async (statement) => await fresh.run(statement),
      [Symbol.asyncDispose]: async () => await fresh[Symbol.asyncDispose](),
    }
  },
}

if (noMysql === undefined) describeConnector(tested)
else describe.skip(`mysql: ${noMysql}`, () => test('the contract', () => {}))
