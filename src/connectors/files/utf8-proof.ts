import { isUtf8 } from 'node:buffer'

/** Proves that text is UTF-8 as it goes by, in chunks cut anywhere. */
export class Utf8Proof {
  /** The bytes so far of a character that is not whole. */
  #begun: Buffer = Buffer.alloc(0)

  /** @returns whether the text up to here is UTF-8. */
  take(chunk: Buffer): boolean {
    const missing = this.#begun.length === 0 ? 0 : length(this.#begun[0] ?? 0) - this.#begun.length
    const character = Buffer.concat([this.#begun, chunk.subarray(0, missing)])
    if (chunk.length < missing) {
      this.#begun = character
      return true
    }
    const end = chunk.length - begunAtEnd(chunk, missing)
    this.#begun = Buffer.from(chunk.subarray(end))
    return isUtf8(character) && isUtf8(chunk.subarray(missing, end))
  }

  /** Whether the text may end here. */
  get ended(): boolean {
    return this.#begun.length === 0
  }
}

/** How many bytes at the end belong to a character that goes on. */
function begunAtEnd(chunk: Buffer, from: number): number {
  for (let size = 1; size <= 3 && chunk.length - size >= from; size++) {
    const byte = chunk[chunk.length - size] ?? 0
    if (byte >= 0xc0) return length(byte) > size ? size : 0
    if (byte < 0x80) return 0
  }
  return 0
}

/** Bytes of a character, by its first one. */
function length(first: number): number {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
}
