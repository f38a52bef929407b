import { type FileHandle, open } from 'node:fs/promises'
import { withFile } from './file-errors.ts'

const portion = 1 << 20

/** Writes chunks into a new temporary file. */
export async function writeChunks(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  await withFile('a temporary file', async () => {
    await using handle = await open(path, 'wx', 0o600)
    for await (const chunk of portions(chunks)) await writeAll(handle, chunk)
  })
}

/** Writes every byte: one call may take only a part of them. */
export async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten
}

/** The same bytes in chunks of about 1 MiB: many small writes cost more than one copy. */
export async function* portions(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    waiting.push(chunk)
    size += chunk.length
    if (size < portion) continue
    yield joined(waiting)
    waiting = []
    size = 0
  }
  if (size > 0) yield joined(waiting)
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks
  return first && chunks.length === 1 ? first : Buffer.concat(chunks)
}
