import { describePairs } from './describe-pairs.ts'
import { postgres } from './systems/postgres.ts'
import { embedded } from './systems.ts'

describePairs([postgres, ...embedded], [postgres])
