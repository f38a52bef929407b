import { type FileHandle, open } from 'node:fs/promises'
import { free } from '../../core/handed-over.ts'
import { withFile } from './file-errors.ts'

const portion = 1 << 20
/** Bytes from which a chunk is worth a write of its own. */
const large = 1 << 17

/** Writes chunks into a new temporary file. */
export async function writeChunks(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  await withFile('a temporary file', async () => {
    await using handle = await open(path, 'wx', 0o600)
    for await (const chunk of portions(chunks)) await writeAll(handle, chunk)
  })
}

/** Writes every byte: one call may take only a part of them. A chunk that was handed over is freed. */
export async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten
  free(chunk)
}

/** The same bytes, small chunks joined: many small writes cost more than one copy. Large ones are passed on as they are. */
export async function* portions(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    if (size === 0 && chunk.length >= large) {
      yield chunk
      continue
    }
    waiting.push(chunk)
    size += chunk.length
    if (size < portion) continue
    yield Buffer.concat(waiting, size)
    waiting = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(waiting, size)
}
