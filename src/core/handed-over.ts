const handedOver = new WeakSet<Uint8Array>()

/**
 * Says of a chunk that nobody but its reader holds on to its memory. Large chunks that wait for the garbage collector add up
 * to tens of megabytes, and looking for them takes longer than copying them.
 */
export function handOver<Chunk extends Uint8Array>(chunk: Chunk): Chunk {
  // Small buffers may lie in memory that Node shares among them (its manual, "Buffer.poolSize"); they are never all of it.
  if (chunk.length === chunk.buffer.byteLength || chunk.length >= Buffer.poolSize / 2) handedOver.add(chunk)
  return chunk
}

/** Frees the memory of a chunk that was handed over; of any other it is a call without effect. The chunk is empty afterwards. */
export function free(chunk: Uint8Array): void {
  if (handedOver.delete(chunk) && chunk.buffer instanceof ArrayBuffer) chunk.buffer.transfer(0)
}
