import { clocks } from './clock.ts'
import { copies } from './copies.ts'
import { disks } from './disk.ts'
import { families } from './family.ts'
import { kills } from './kill.ts'
import { network } from './network.ts'
import { plans } from './plan.ts'
import { restarts } from './restart.ts'
import { resumes } from './resume.ts'
import { retries } from './retry.ts'
import { together } from './together.ts'
import { undos } from './undo.ts'

export const suites = [kills, copies, network, restarts, disks, together, clocks, plans, undos, retries, resumes, families]
