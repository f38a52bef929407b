import { chmod, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { RunError } from '../../core/errors.ts'

/**
 * Written beside, synced and renamed; readable by its owner alone, because it holds rows (rule 27). @returns its size.
 * @throws what `failed` makes of the folder and the cause where that cannot be.
 */
export async function writeDurably(
  path: string,
  write: (beside: string) => Promise<void>,
  failed: (folder: string, cause: unknown) => RunError = journalFailed,
): Promise<number> {
  const folder = dirname(path)
  const beside = `${path}.part`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await rm(beside, { force: true })
    await write(beside)
    await chmod(beside, 0o600)
    await sync(beside)
    await rename(beside, path)
    await syncFolder(folder)
    return (await stat(path)).size
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => {})
    throw failed(folder, cause)
  }
}

export function journalFailed(folder: string, cause: unknown): RunError {
  return new RunError({
    code: 'JOURNAL_FAILED',
    message: `the journal cannot be written to ${folder}: ${cause instanceof Error && 'code' in cause ? String(cause.code) : 'it could not be stored'}; nothing was changed`,
    hint: 'see that there is room and that the folder may be written; or go without it: journal: off',
    cause,
  })
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, 'r+')
  await file.sync()
}

/** A folder cannot be opened on every system; its file is there all the same. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => {})
}
