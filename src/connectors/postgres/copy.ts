import { once } from 'node:events'
import type { Client } from 'pg'
import { from, to } from 'pg-copy-streams'

/** What a `COPY … TO STDOUT` sends. `done` is called when the connection is free again, also where the reader stopped early. */
export async function* copyTo(client: Client, sql: string, done: () => void): AsyncGenerator<Uint8Array> {
  const stream = client.query(to(sql, { highWaterMark: 4 * chunkBytes }))
  // An error after the reader has gone is nobody's, and must not end the process.
  stream.on('error', done)
  stream.once('end', done)
  const chunks: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false })
  try {
    yield* gathered(chunks)
  } finally {
    if (!stream.readableEnded && !stream.destroyed) stream.resume()
  }
}

const chunkBytes = 128 * 1024

/** The same bytes in chunks of about 128 KiB: the server sends 8 KiB at a time, and every chunk costs the same whatever its size. */
async function* gathered(chunks: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let parts: Buffer[] = []
  let size = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    size += chunk.length
    if (size < chunkBytes) continue
    yield Buffer.concat(parts, size)
    parts = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(parts, size)
}

/** Feeds a `COPY … FROM STDIN` as fast as the server takes it. @returns the rows it took. */
export async function copyFrom(client: Client, sql: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  // One chunk at a time: a stream that holds more of them when the server refuses one goes on to write the rest to a
  // connection that it no longer has, and that ends the process (seen with pg-copy-streams 7.0).
  const stream = client.query(from(sql, { highWaterMark: 1 }))
  let refused: unknown
  stream.on('error', (error) => {
    refused ??= error
  })
  try {
    for await (const chunk of chunks) {
      if (refused) throw refused
      if (!stream.write(chunk)) await once(stream, 'drain')
    }
  } catch (error) {
    if (refused) throw refused
    // Tells the server that the rows are not complete; its answer is the error that ends the COPY.
    const closed = once(stream, 'close').catch(() => {})
    stream.destroy(new Error('the rows ended early'))
    await closed
    throw error
  }
  if (refused) throw refused
  stream.end()
  await once(stream, 'finish')
  return stream.rowCount
}
