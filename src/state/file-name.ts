import { createHash } from 'node:crypto'

/** A name for a sync's files that every file system takes, whatever the sync is called. */
export function fileNameOf(sync: string): string {
  return createHash('sha256').update(sync).digest('hex').slice(0, 32)
}
