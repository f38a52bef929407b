import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import type { Workspace } from '../workspace.ts'
import { TextScan } from './text-scan.ts'
import { xmlBytes } from './xml-part.ts'
import { tokens, XmlScan } from './xml-scan.ts'
import type { Entry, Package } from './zip.ts'

const blockSize = 256
/** Bytes of texts that are kept in memory; what comes after them lies in a temporary file. */
const inMemory = 32 << 20
/** Bytes of texts that are kept of those in the file, the last read. */
const cached = 16 << 20

/** Some texts that follow each other, as fields of CSV. */
interface Block {
  /** Where each begins, and where the last one ends. */
  readonly offsets: Uint32Array
  readonly bytes: Uint8Array
}

/**
 * The texts that the sheets of a book share, by number. Memory does not grow with them: books list a text when it is first
 * used, so that sheets ask for them nearly in the order in which they lie.
 */
export class SharedStrings implements Disposable {
  readonly #blocks: Block[] = []
  /** Where the blocks lie that are not in memory: position and number of texts. */
  readonly #places: { readonly position: number; readonly size: number }[] = []
  readonly #recent = new Map<number, Block>()
  #recentSize = 0
  #memory = 0
  #file: number | undefined
  #fileSize = 0
  #count = 0
  #filling: Uint8Array[] = []
  /** The text that was found last: a field of CSV. Of no length where it is no Unicode text. */
  bytes: Uint8Array = new Uint8Array(0)
  from = 0
  to = 0
  /** Whether some text has line breaks. */
  newlines = false
  readonly #path: () => string

  /** @param path where to put what is too much for memory. */
  constructor(path: () => string) {
    this.#path = path
  }

  add(field: Uint8Array): void {
    this.#filling.push(field)
    this.#count++
    if (this.#filling.length === blockSize) this.#store()
  }

  /** Everything was added. */
  seal(newlines: boolean): void {
    this.newlines = newlines
    if (this.#filling.length > 0) this.#store()
  }

  /** @returns whether there is such a text. */
  find(index: number): boolean {
    if (!(index >= 0 && index < this.#count)) return false
    const { offsets, bytes } = this.#block(Math.floor(index / blockSize))
    this.bytes = bytes
    this.from = offsets[index % blockSize] ?? 0
    this.to = offsets[(index % blockSize) + 1] ?? 0
    return true
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  #store(): void {
    const bytes = Buffer.concat(this.#filling)
    const offsets = new Uint32Array(this.#filling.length + 1)
    for (const [index, field] of this.#filling.entries()) offsets[index + 1] = (offsets[index] ?? 0) + field.length
    this.#filling = []
    if (this.#memory < inMemory) {
      this.#memory += bytes.length + offsets.byteLength
      this.#blocks.push({ offsets, bytes })
      return
    }
    this.#file ??= openSync(this.#path(), 'wx+', 0o600)
    this.#places.push({ position: this.#fileSize, size: offsets.length - 1 })
    for (const part of [new Uint8Array(offsets.buffer), bytes]) {
      for (let at = 0; at < part.length; ) at += writeSync(this.#file, part, at, part.length - at, this.#fileSize + at)
      this.#fileSize += part.length
    }
  }

  #block(index: number): Block {
    const block = this.#blocks[index] ?? this.#recent.get(index)
    if (block) return block
    const read = this.#read(index - this.#blocks.length)
    this.#recent.set(index, read)
    this.#recentSize += read.bytes.length
    for (const [oldest, { bytes }] of this.#recent) {
      if (this.#recentSize <= cached || oldest === index) break
      this.#recent.delete(oldest)
      this.#recentSize -= bytes.length
    }
    return read
  }

  #read(index: number): Block {
    const { position, size } = this.#places[index] ?? { position: 0, size: 0 }
    const end = this.#places[index + 1]?.position ?? this.#fileSize
    const bytes = Buffer.allocUnsafeSlow(end - position)
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(this.#file ?? -1, bytes, at, bytes.length - at, position + at)
      if (read === 0) throw new Error('a temporary file is cut short')
      at += read
    }
    const offsets = new Uint32Array(bytes.buffer, 0, size + 1)
    return { offsets, bytes: bytes.subarray(offsets.byteLength) }
  }
}

/** Reads the shared texts of a book. Of rich text the characters count, of readings (`rPh`) nothing. */
export async function readSharedStrings(book: Package, entry: Entry | undefined, workspace: Workspace): Promise<SharedStrings> {
  const strings = new SharedStrings(() => workspace.temporaryFile('texts'))
  if (!entry) return strings
  try {
    const place = `${book.name} (${entry.name})`
    const scan = new XmlScan(place)
    const texts = new TextScan(scan, 'si', place)
    for await (const chunk of xmlBytes(book, entry)) {
      scan.push(chunk)
      for (let token = scan.next(); token !== tokens.more; token = scan.next()) {
        const field = texts.take(token)
        if (field !== undefined) strings.add(field)
      }
    }
    scan.finish()
    strings.seal(texts.newlines)
    return strings
  } catch (thrown) {
    strings[Symbol.dispose]()
    throw thrown
  }
}
