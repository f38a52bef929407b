import { fileLimits, folderOf } from './files.ts'
import { describeConnector } from './suite.ts'

const nameless = 'JSON without rows names no columns'

describeConnector({
  name: 'files: ndjson',
  prepare: folderOf('.ndjson'),
  limits: {
    ...fileLimits,
    'a created table is described as it was asked for': nameless,
    'replace with no rows empties the table and keeps it': nameless,
  },
  // In a JSON file the document `null` and no value are one.
  equates: { json: ['null'] },
})
