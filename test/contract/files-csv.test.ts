import { fileLimits, folderOf } from './files.ts'
import { describeConnector } from './suite.ts'

describeConnector({
  name: 'files: csv',
  prepare: folderOf('.csv'),
  limits: fileLimits,
})
