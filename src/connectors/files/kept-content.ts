import { chmod, copyFile, link, open, rm, stat } from 'node:fs/promises'
import type { KeepContent, KeptContent } from '../connector.ts'
import { digestOf } from './beside.ts'
import { targetMoved } from './file-errors.ts'
import type { Located } from './locate.ts'
import { type Stamp, stampOf } from './stamp.ts'

/** A file as it is kept, before what takes its place does. */
export type KeptFile = Omit<KeptContent, 'left'>

/**
 * Keeps a file under another name, which costs nothing where both lie in one file system: what takes the file's place does so by a
 * rename, which leaves what the other name stands for as it is. Elsewhere it is copied. On disk for good when it returns.
 * @throws RunError (code `TARGET_MOVED`) where the file is not as expected any more.
 */
export async function keepFile(file: Located, expected: Stamp, { path, bytes: most }: KeepContent): Promise<KeptFile | { none: string }> {
  const { size, mode } = await stat(file.path)
  if (size > most) return { none: `the file that it replaced takes ${size} bytes, and \`journal\` allows ${most}` }
  await rm(path, { force: true })
  const isLinked = await linked(file.path, path)
  if (!isLinked) await copied(file.path, path)
  await synced(path)
  if ((await stampOf(isLinked ? path : file.path)) !== expected) throw targetMoved(file.name)
  return { former: await markOf(path), bytes: size, mode: mode & 0o7777 }
}

/** Once nothing else has its name, what was kept is its owner's alone (rule 27); until then the folder that it lies in says so. */
export async function close(path: string): Promise<void> {
  const { nlink } = await stat(path)
  if (nlink === 1) await chmod(path, 0o600).catch(() => {})
}

/** What tells whether a kept file is still as it was, also where its folder was moved; `absent` where it is gone. */
export async function markOf(path: string): Promise<string> {
  const stamp = await stampOf(path)
  return stamp === 'absent' ? stamp : stamp.slice(stamp.indexOf(':') + 1)
}

/** A file by its bytes, and as it was before they were read. */
export async function contentOf(path: string): Promise<{ readonly digest: string; readonly stamp: Stamp }> {
  const stamp = await stampOf(path)
  return { digest: stamp === 'absent' ? stamp : await digestOf(path), stamp }
}

/** Not of a file that others know by another name, or that is not ours: they might change what is kept. */
async function linked(from: string, to: string): Promise<boolean> {
  const { nlink, uid } = await stat(from)
  if (nlink > 1 || (process.getuid && process.getuid() !== uid)) return false
  return await link(from, to).then(
    () => true,
    // Another file system, or one without links.
    () => false,
  )
}

async function copied(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  await chmod(to, 0o600)
}

/** Whoever wrote the file may not have waited until it was on disk. */
async function synced(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync().catch(() => {})
}
