import { setTimeout } from 'node:timers/promises'
import type { CommitProof } from '../connector.ts'
import { isRefusal } from './errors.ts'
import type { Session } from './session.ts'

const kind = 'postgres-xid'

/** What tells after a crash whether this transaction committed; deferred constraints are judged now, while it can be told why. */
export async function proveCommit(session: Session): Promise<CommitProof> {
  await session.execute('SET CONSTRAINTS ALL IMMEDIATE')
  const [row] = await session.rows<{ xid: string; system: string }>(
    'SELECT pg_catalog.pg_current_xact_id()::text AS xid, system_identifier::text AS system FROM pg_catalog.pg_control_system()',
  )
  return { kind, xid: row?.xid ?? '', system: row?.system ?? '' }
}

/**
 * Asks the server that wrote (PostgreSQL manual, "Transaction ID and Snapshot Information Functions"). A transaction whose
 * client has just died may be under way for a moment. `unknown`: another server, or too long ago.
 */
export async function commitOutcome(session: Session, proof: CommitProof): Promise<'committed' | 'rolled back' | 'unknown'> {
  if (proof.kind !== kind) return 'unknown'
  for (let attempt = 0; attempt < 50; attempt++) {
    const status = await transactionStatus(session, proof)
    if (status !== 'in progress') return status
    await setTimeout(100)
  }
  return 'unknown'
}

async function transactionStatus(
  session: Session,
  { xid, system }: CommitProof,
): Promise<'committed' | 'rolled back' | 'unknown' | 'in progress'> {
  try {
    const [row] = await session.rows<{ status: string | null }>(
      'SELECT pg_catalog.pg_xact_status($1::xid8) AS status FROM pg_catalog.pg_control_system() WHERE system_identifier::text = $2',
      [xid, system],
    )
    if (row?.status === 'in progress' || row?.status === 'committed') return row.status
    return row?.status === 'aborted' ? 'rolled back' : 'unknown'
  } catch (error) {
    // The server has not come that far: it was restored to an earlier time.
    if (isRefusal(error)) return 'unknown'
    throw error
  }
}
