import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { free, handOver } from '../../../core/handed-over.ts'
import type { SpooledCell } from './column-set.ts'

/** Bytes that wait to be written together. */
const portion = 1 << 20

/** Bytes that are read at once: their records become many small texts, which are to be gone before the next ones come. */
const readPortion = 1 << 17

/** A place in a spool, to go back to. */
export interface SpoolMark {
  readonly bytes: number
  readonly rows: number
}

/** Records on disk, a line of JSON each, mode 0600. Written by one, read by many once it is complete. */
export class Spool implements AsyncDisposable {
  readonly path: string
  readonly #file: FileHandle
  #written: number
  #rows: number
  #waiting: string[] = []
  #waitingSize = 0

  private constructor(path: string, file: FileHandle, { bytes, rows }: SpoolMark) {
    this.path = path
    this.#file = file
    this.#written = bytes
    this.#rows = rows
  }

  /** Makes a file, or goes on at a mark of one that is there. */
  static async open(path: string, from: SpoolMark = { bytes: 0, rows: 0 }): Promise<Spool> {
    const file = await open(path, from.bytes > 0 ? 'r+' : 'w+', 0o600)
    await file.truncate(from.bytes)
    return new Spool(path, file, from)
  }

  get rows(): number {
    return this.#rows
  }

  /** @returns a digest of the record, by which it is known again. */
  add(record: readonly SpooledCell[]): string {
    const line = JSON.stringify(record)
    this.#waiting.push(line)
    this.#waitingSize += line.length + 1
    this.#rows++
    return createHash('sha256').update(line).digest('base64').slice(0, 22)
  }

  /** Writes what waits, if it is much. */
  async relieve(): Promise<void> {
    if (this.#waitingSize >= portion) await this.#flush()
  }

  async mark(): Promise<SpoolMark> {
    await this.#flush()
    return { bytes: this.#written, rows: this.#rows }
  }

  /** What was marked stays through a loss of power. */
  async secure(): Promise<void> {
    await this.#file.datasync()
  }

  async goBack({ bytes, rows }: SpoolMark): Promise<void> {
    this.#waiting = []
    this.#waitingSize = 0
    await this.#file.truncate(bytes)
    this.#written = bytes
    this.#rows = rows
  }

  /** The records, some thousand at a time. */
  async *records(): AsyncGenerator<readonly (readonly SpooledCell[])[]> {
    await this.#flush()
    let rest = Buffer.alloc(0)
    const buffer = Buffer.allocUnsafeSlow(readPortion)
    for (let position = 0; position < this.#written; ) {
      const { bytesRead } = await this.#file.read(buffer, 0, readPortion, position)
      if (bytesRead === 0) throw new Error(`${this.path} is shorter than what was written into it`)
      position += bytesRead
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
      const end = bytes.lastIndexOf(10) + 1
      rest = bytes.subarray(end)
      if (end > 0)
        yield bytes
          .toString('utf8', 0, end - 1)
          .split('\n')
          .map(parsed)
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close().catch(() => {})
    await rm(this.path, { force: true })
  }

  async #flush(): Promise<void> {
    if (this.#waiting.length === 0) return
    const bytes = Buffer.from(`${this.#waiting.join('\n')}\n`)
    this.#waiting = []
    this.#waitingSize = 0
    const size = bytes.length
    for (let at = 0; at < size; ) at += (await this.#file.write(bytes, at, size - at, this.#written + at)).bytesWritten
    this.#written += size
    free(handOver(bytes))
  }
}

function parsed(line: string): readonly SpooledCell[] {
  return JSON.parse(line) as readonly SpooledCell[]
}
