import { stat } from 'node:fs/promises'

/** What tells one version of a file from another without reading it: inode, size, time of change to the nanosecond. */
export type Stamp = string

/** @returns the stamp, or `absent` where there is no such file. */
export async function stampOf(path: string): Promise<Stamp> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true })
    return `${ino}:${size}:${mtimeNs}`
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')) return 'absent'
    throw thrown
  }
}

/** Bytes of files together. */
export async function sizeOf(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
