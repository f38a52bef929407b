import { describePairs } from './describe-pairs.ts'
import { embedded } from './systems.ts'

describePairs(embedded)
