import { type FileHandle, open } from 'node:fs/promises'
import { engineError } from './engine-error.ts'

/** Large enough that the number of writes does not matter. */
const blockBytes = 1024 * 1024

/**
 * Writes a stream of text into a new file in large blocks; the next block is read while one is written. `onBlock` is told
 * the bytes so far and an estimate of the lines, and may throw to stop.
 */
export async function writeText(
  stream: AsyncIterable<Uint8Array>,
  path: string,
  onBlock: (progress: { readonly rows: number; readonly bytes: number }) => void,
): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
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
  let first = true
  for await (const bytes of stream) {
    block.push(bytes)
    size += bytes.length
    if (size < blockBytes) continue
    yield first ? keepMark(block) : block
    first = false
    block = []
    size = 0
  }
  if (size > 0) yield first ? keepMark(block) : block
}

const mark = Uint8Array.of(0xef, 0xbb, 0xbf)

/** A byte order mark at the start of the stream belongs to the first cell; DuckDB swallows one, so it gets another. */
function keepMark(block: readonly Uint8Array[]): readonly Uint8Array[] {
  const start = Buffer.concat(block.slice(0, 3)).subarray(0, 3)
  return start.equals(mark) ? [mark, ...block] : block
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
