import { prepareRest } from './rest-target.ts'
import { describeConnector } from './suite.ts'

const noTables = 'an API makes its resources and their columns by itself, and lists neither'
const noWhole = 'an API is never replaced as a whole: a run compares, and sends what differs'
const noWayBack = 'nothing that was sent can be taken back: the run says what was done'
const byRow = 'a row is refused by itself, the others being done: see test/e2e/rest-target.test.ts'
const noStatements = 'an API has no statements'
const noKeys = 'an API is read as a whole'
const noHash = 'an API hashes nothing'

describeConnector({
  name: 'rest as a target',
  prepare: prepareRest,
  many: 1_000,
  // In JSON the document `null` and no value are one.
  equates: { json: ['null'] },
  limits: {
    'an absent table is described as undefined': noTables,
    'a created table is described as it was asked for': noTables,
    'a created table has its key and its not-null columns': noTables,
    'missing columns are added and the rows stay': noTables,
    'tables are listed in name order and by pattern': noTables,
    'listed tables can be described and read': noTables,
    'table names keep case, quotes, dots, spaces, and any letters': noTables,
    'reading a table that is not there is refused by name': noTables,
    'a query is described by its columns': noStatements,
    'a view on the table shows the new rows after a replace': noStatements,
    'rows that stay keep the rows that hang on them through a replace': noStatements,
    'unique values change places between rows': noStatements,
    'a constraint that breaks while changes are applied names no value, and the row stays as it was': noStatements,
    'many keys fit one request': noKeys,
    'an aborted signal ends a read with its reason':
      'a stage gives rows their types here; the read itself is tested in rest-source.test.ts',
    'append refuses a NULL where none is allowed, names no value, and keeps the table as it was': byRow,
    'append refuses a key that is there already, names no value, and keeps the table as it was': byRow,
    'append refuses a key that comes twice, names no value, and keeps the table as it was': byRow,
    'replace leaves exactly the new rows, and counts the former': noWhole,
    'replace of a new table has no former rows': noWhole,
    'replace with no rows empties the table and keeps it': noWhole,
    'replace again and again keeps the key and the types': noWhole,
    'a session reads what it replaced': noWhole,
    'what was replaced without a commit leaves the table as it was': noWhole,
    'rows that moved are left as they are and named': 'an API is not asked for a before image; rows that are gone are tested beside it',
    'a session that is not committed creates nothing': noWayBack,
    'what was appended without a commit leaves the table as it was': noWayBack,
    'what was applied without a commit leaves the table as it was': noWayBack,
    'others see nothing of a session before it commits': noWayBack,
    'the proof of a session that was not committed tells that it was rolled back': 'a proof is noted once all was sent and answered',
    'keys of several columns match as a whole': noKeys,
    'a snapshot shows one moment': 'pages are read one after the other',
    'checksums are equal for equal rows in any order, and for no others': noHash,
    'hashes each type as its canonical texts': noHash,
    'hashes bytes as their canonical texts': noHash,
    'tells rows apart whose texts run together': noHash,
    'deals rows into buckets by their key, and reads those of some': noHash,
    'hands over the hash of every row beside its key, and the bounds of the key': noHash,
  },
})
