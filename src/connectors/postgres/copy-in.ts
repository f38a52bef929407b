import { once } from 'node:events'
import type { Client } from 'pg'
import { from } from 'pg-copy-streams'
import { free } from '../../core/handed-over.ts'

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
      // The stream drains before a small chunk has left the socket, which would then send memory that is gone.
      if (client.connection.stream.writableLength === 0) free(chunk)
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
