import { fileLimits, folderOf } from './files.ts'
import { describeConnector } from './suite.ts'

const blank = 'a row without a value is no row of a sheet, and refused'

describeConnector({
  name: 'files: excel',
  prepare: folderOf('.xlsx'),
  limits: {
    ...fileLimits,
    'a table of one column keeps NULL and empty text apart': blank,
    'a row may begin and end with NULL': blank,
  },
  // A cell holds 32,767 characters.
  lacks: { text: ['x'.repeat(70_000)] },
  // A number of a sheet has neither a scale nor an exponent of its own.
  equates: { 'decimal(12,2)': ['0.00', '1.50'], double: ['1e+21'] },
})
