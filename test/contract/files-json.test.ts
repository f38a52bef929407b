import { fileSkips, folderOf } from './files.ts'
import { describeConnector } from './suite.ts'

describeConnector({
  name: 'files: json',
  prepare: folderOf('.json'),
  skips: fileSkips,
})
