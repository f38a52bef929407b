import { createReadStream, createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress, type ZstdCompress } from 'node:zlib'
import type { Rows } from '../../core/rows.ts'
import type { Batch } from '../../core/value.ts'
import { csvBytes } from '../../stage/csv-bytes.ts'
import { journalFailed } from './durably.ts'

export type RecordedForm = 'pgcopy' | 'csv'

/** Rows on their way into a target, written into a file as they pass by: the bytes that the target was sent, compressed. */
export class Recording {
  readonly #path: string
  readonly #most: number
  #written: Written | undefined
  /** Parts of binary COPY were made one. */
  #copies = false

  /** @param most bytes: past them the rows go on and nothing is kept. */
  constructor(path: string, most: number) {
    this.#path = path
    this.#most = most
  }

  /** The same rows, in those forms that can be recorded; each reading begins the file anew. `undefined` where none can be. */
  rows(rows: Rows): Rows | undefined {
    this.#copies = false
    return recorded(rows, async (form) => await this.#begin(form))
  }

  /** The same for rows that come in parts, one after the other and in one form: each reading goes on with the file. */
  part(rows: Rows): Rows | undefined {
    return recorded(rows, async (form) => await this.#goOn(form))
  }

  /** On disk for good. `none` where the rows were not read to their end in a form that can be recorded, or took too much room. */
  async end(): Promise<{ readonly form: RecordedForm; readonly bytes: number } | { readonly none: string }> {
    const written = this.#written
    if (!written?.complete) return { none: 'its rows came in a form of which nothing is kept' }
    if (this.#copies) await written.take(CopyBody.trailer)
    const bytes = await written.close()
    return bytes <= this.#most
      ? { form: written.form, bytes }
      : { none: `its rows take more than the ${this.#most} bytes that \`journal\` allows` }
  }

  /** Nothing stays of it. */
  async abandon(): Promise<void> {
    await this.#written?.abandon()
  }

  async #begin(form: RecordedForm): Promise<Written> {
    await this.#written?.abandon()
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    this.#written = new Written(this.#path, form, this.#most)
    return this.#written
  }

  async #goOn(form: RecordedForm): Promise<Sink> {
    const written = this.#written
    if (form === 'csv') return written ?? (await this.#begin(form))
    if (written) return new CopyBody(written)
    this.#copies = true
    const begun = await this.#begin(form)
    await begun.take(CopyBody.header)
    return new CopyBody(begun)
  }
}

/** Where chunks go as they pass by; whether the last ones came to their end. */
interface Sink {
  complete: boolean
  take(chunk: Uint8Array): Promise<void>
}

type Begin = (form: RecordedForm) => Promise<Sink>

function recorded(rows: Rows, begin: Begin): Rows | undefined {
  const { pgcopy, csv, batches, relation: _relation, file: _file, ...rest } = rows
  if (!pgcopy && !csv && !batches) return undefined
  return {
    ...rest,
    ...(pgcopy ? { pgcopy: () => passing(begin, 'pgcopy', pgcopy.call(rows)) } : {}),
    ...(csv ? { csv: () => csv.call(rows, 1).map((stream) => passing(begin, 'csv', stream)) } : {}),
    ...(batches ? { batches: () => passingBatches(begin, rows, batches.call(rows)) } : {}),
  }
}

async function* passing(begin: Begin, form: RecordedForm, stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const sink = await begin(form)
  sink.complete = false
  for await (const chunk of stream) {
    await sink.take(chunk)
    yield chunk
  }
  sink.complete = true
}

async function* passingBatches(begin: Begin, rows: Rows, batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  const sink = await begin('csv')
  sink.complete = false
  for await (const batch of batches) {
    for await (const chunk of csvBytes(rows.columns, one(batch))) await sink.take(chunk)
    yield batch
  }
  sink.complete = true
}

/** One of several streams of binary COPY that become one: what is between its header and its trailer (PostgreSQL manual, "COPY"). */
class CopyBody implements Sink {
  /** The signature, no flags, no extension. */
  static readonly header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
  static readonly trailer = Buffer.from([0xff, 0xff])
  readonly #written: Sink
  #toSkip = CopyBody.header.length
  /** The last bytes so far: they may be the trailer. */
  #last: Buffer = Buffer.alloc(0)

  constructor(written: Sink) {
    this.#written = written
  }

  get complete(): boolean {
    return this.#written.complete
  }

  set complete(complete: boolean) {
    this.#written.complete = complete
  }

  async take(chunk: Uint8Array): Promise<void> {
    const skipped = Math.min(this.#toSkip, chunk.length)
    this.#toSkip -= skipped
    const rest = chunk.subarray(skipped)
    const goes = rest.length - CopyBody.trailer.length
    if (goes < 0) return await this.#takeFew(rest)
    if (this.#last.length > 0) await this.#written.take(this.#last)
    // A copy: whoever the chunk goes to may free it.
    this.#last = Buffer.from(rest.subarray(goes))
    if (goes > 0) await this.#written.take(rest.subarray(0, goes))
  }

  /** Fewer bytes than the trailer has. */
  async #takeFew(bytes: Uint8Array): Promise<void> {
    const held = Buffer.concat([this.#last, bytes])
    const goes = Math.max(0, held.length - CopyBody.trailer.length)
    this.#last = held.subarray(goes)
    if (goes > 0) await this.#written.take(held.subarray(0, goes))
  }
}

/** The bytes of a recording, as they were. */
export function recordedBytes(path: string): AsyncIterable<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 })
  const bytes = file.pipe(createZstdDecompress())
  file.on('error', (error) => bytes.destroy(error))
  return bytes
}

/** What the compressor hands on at once: with the 16 KiB of its own it takes a third more time. */
const chunkSize = 1 << 18

class Written {
  readonly form: RecordedForm
  complete = false
  readonly #path: string
  readonly #most: number
  readonly #bytes: ZstdCompress
  readonly #file: WriteStream
  readonly #done: Promise<void>
  #failed: unknown
  #stop: ((cause: unknown) => void) | undefined

  constructor(path: string, form: RecordedForm, most: number) {
    this.form = form
    this.#path = path
    this.#most = most
    this.#bytes = createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_compressionLevel]: 1 } })
    // Flushed before it is closed: the rows have to be there before the commit that they are about.
    this.#file = createWriteStream(path, { mode: 0o600, flush: true })
    this.#done = pipeline(this.#bytes, this.#file).catch((cause) => {
      throw journalFailed(dirname(path), cause)
    })
    this.#done.catch((cause) => {
      this.#failed = cause
      this.#stop?.(cause)
    })
  }

  /** Before they go on: whoever they go to may free them. Past the most that may be kept they are let go. */
  async take(chunk: Uint8Array): Promise<void> {
    if (this.#file.bytesWritten > this.#most) return
    if (this.#failed !== undefined) throw this.#failed
    // No race with `done`, on which each of them would leave something behind until the load has ended.
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#stop = reject
    this.#bytes.write(chunk, () => resolve())
    await promise
  }

  async close(): Promise<number> {
    this.#bytes.end()
    await this.#done
    return (await stat(this.#path)).size
  }

  async abandon(): Promise<void> {
    this.#bytes.destroy()
    await this.#done.catch(() => {})
    await rm(this.#path, { force: true })
  }
}

async function* one(batch: Batch): AsyncGenerator<Batch> {
  yield batch
}
