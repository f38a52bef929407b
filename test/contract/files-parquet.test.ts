import { fileLimits, folderOf } from './files.ts'
import { describeConnector } from './suite.ts'

describeConnector({
  name: 'files: parquet',
  prepare: folderOf('.parquet'),
  limits: {
    ...fileLimits,
    'an aborted signal ends a read with its reason': 'DuckDB reads a Parquet file where it lies, and the stage hears the signal',
  },
  lacks: { 'timestamp(6)': ['294276-12-31 23:59:59.999999'], 'timestamptz(6)': ['294276-12-31 23:59:59.999999+00'] },
})
