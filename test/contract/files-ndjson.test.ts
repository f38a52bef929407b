import { fileSkips, folderOf } from './files.ts'
import { describeConnector } from './suite.ts'

describeConnector({
  name: 'files: ndjson',
  prepare: folderOf('.ndjson'),
  skips: fileSkips,
})
