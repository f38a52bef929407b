import { files } from '../../src/connectors/files/files.ts'
import type { System } from './place.ts'

/** A folder in which each table is a file with this ending. */
export function folderOf(ending: string): (directory: string) => Promise<System> {
  return async (directory) => ({
    open: async (context) => await files.open(files.parseOptions({ path: directory }), context),
    ref: (name) => ({ name: `${name}${ending}` }),
    [Symbol.asyncDispose]: async () => {},
  })
}

const keyless = 'a file has no keys and no constraints'
const whole = 'a file is written as a whole'
const noDatabase = 'a folder has no statements'

/** What no file can do, whatever its format. */
export const fileLimits: Readonly<Record<string, string>> = {
  'a created table has its key and its not-null columns': keyless,
  'append refuses a NULL where none is allowed, names no value, and keeps the table as it was': keyless,
  'append refuses a key that is there already, names no value, and keeps the table as it was': keyless,
  'append refuses a key that comes twice, names no value, and keeps the table as it was': keyless,
  'replace refuses a key that comes twice and keeps the table as it was': keyless,
  'unique values change places between rows': keyless,
  'a constraint that breaks while changes are applied names no value, and the row stays as it was': keyless,
  'a view on the table shows the new rows after a replace': noDatabase,
  'rows that stay keep the rows that hang on them through a replace': noDatabase,
  'a query is described by its columns': noDatabase,
  'apply inserts, updates and deletes by before images': whole,
  'rows that moved are left as they are and named': whole,
  'apply knows rows by a key of several columns': whole,
  'an empty change set changes nothing': whole,
  'before images hold for every type that was read': whole,
  'what was applied without a commit leaves the table as it was': whole,
  'keys of several columns match as a whole': 'the stage finds keys in a file',
  'many keys fit one request': 'the stage finds keys in a file',
  'a snapshot shows one moment': 'a file that changes while it is read fails the read',
  'checksums are equal for equal rows in any order, and for no others': 'nothing computes them where a file lies',
  'hashes each type as its canonical texts': 'nothing computes them where a file lies',
  'hashes bytes as their canonical texts': 'nothing computes them where a file lies',
  'tells rows apart whose texts run together': 'nothing computes hashes where a file lies',
  'deals rows into buckets by their key, and reads those of some': 'nothing computes them where a file lies',
  'hands over the hash of every row beside its key, and the bounds of the key': 'nothing computes them where a file lies',
}
