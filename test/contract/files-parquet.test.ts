import { folderOf } from './files.ts'
import { describeConnector } from './suite.ts'

describeConnector({ name: 'files: parquet', prepare: folderOf('.parquet') })
