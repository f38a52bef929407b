import { type FileHandle, open } from 'node:fs/promises'
import { engineError } from './engine-error.ts'

/** Large enough that the number of writes does not matter. */
const blockBytes = 1024 * 1024

/**
 * Writes a line `header` and a stream of text into a new file in large blocks; the next block is read while one is written.
 * `onBlock` is told the bytes of the stream so far and an estimate of its lines, and may throw to stop.
 */
export async function writeText(
  header: string,
  stream: AsyncIterable<Uint8Array>,
  path: string,
  onBlock: (progress: { readonly rows: number; readonly bytes: number }) => void,
): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await write(file, [Buffer.from(`${header}\n`)])
  let bytes = 0
  let lineBytes = 0
  let writing: Promise<void> | undefined
  for await (const block of blocks(stream)) {
    await writing
    if (lineBytes === 0) lineBytes = averageLine(block)
    bytes += sizeOf(block)
    onBlock({ bytes, rows: Math.round(bytes / lineBytes) })
    writing = write(file, block)
    // Awaited above or below; a failure that comes earlier must not count as unhandled.
    writing.catch(() => {})
  }
  await writing
}

async function* blocks(stream: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Uint8Array[]> {
  let block: Uint8Array[] = []
  let size = 0
  for await (const bytes of stream) {
    block.push(bytes)
    size += bytes.length
    if (size < blockBytes) continue
    yield block
    block = []
    size = 0
  }
  if (size > 0) yield block
}

function averageLine(block: readonly Uint8Array[]): number {
  let lines = 0
  for (const bytes of block) for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1
  return sizeOf(block) / Math.max(lines, 1)
}

function sizeOf(block: readonly Uint8Array[]): number {
  return block.reduce((sum, bytes) => sum + bytes.length, 0)
}

async function write(file: FileHandle, block: readonly Uint8Array[]): Promise<void> {
  try {
    const { bytesWritten } = await file.writev(block)
    // A full disk may also show as a write that is merely short.
    if (bytesWritten < sizeOf(block)) throw new Error('ENOSPC: no space left on device')
  } catch (thrown) {
    throw engineError(thrown)
  }
}
