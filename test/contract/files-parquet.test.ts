import { fileSkips, folderOf } from './files.ts'
import { describeConnector } from './suite.ts'

describeConnector({
  name: 'files: parquet',
  prepare: folderOf('.parquet'),
  skips: fileSkips,
  lacks: { 'timestamp(6)': ['294276-12-31 23:59:59.999999'], 'timestamptz(6)': ['294276-12-31 23:59:59.999999+00'] },
})
