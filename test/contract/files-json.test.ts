import { fileSkips, folderOf } from './files.ts'
import { describeConnector } from './suite.ts'

const nameless = 'JSON without rows names no columns'

describeConnector({
  name: 'files: json',
  prepare: folderOf('.json'),
  skips: {
    ...fileSkips,
    'a created table is described as it was asked for': nameless,
    'appending no rows makes an empty table': nameless,
    'replace with no rows empties the table and keeps it': nameless,
  },
  // In a JSON file the document `null` and no value are one.
  equates: { json: ['null'] },
})
