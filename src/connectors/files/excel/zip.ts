import { type FileHandle, open } from 'node:fs/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import * as yauzl from 'yauzl'
import { RunError } from '../../../core/errors.ts'
import { through } from '../content.ts'
import { fileError, malformed } from '../file-errors.ts'
import type { Located } from '../locate.ts'
import { sniffBook } from './book-kind.ts'

/** One part of a package, as its directory describes it. */
export interface Entry {
  /** With `/` between folders, as the directory spells it. */
  readonly name: string
  /** Bytes when unpacked. */
  readonly size: number
  readonly compressedSize: number
  readonly crc32: number
  /** 0 stored, 8 deflated; others cannot be read. */
  readonly method: number
}

/** A zip file that holds a book: .xlsx, .xlsm, .ods. Read from one open file, so that a book that is replaced meanwhile stays the same. */
export interface Package extends AsyncDisposable {
  /** The file as the user named it. */
  readonly name: string
  /** In the order of the directory. */
  readonly entries: readonly Entry[]
  /** By name; OOXML takes names that differ in case as one. */
  find(name: string): Entry | undefined
  /**
   * The unpacked bytes of an entry. Ends only where as many bytes as announced came and their checksum is right.
   * @throws RunError where the entry is damaged, encrypted, or a zip bomb.
   */
  read(entry: Entry): AsyncIterable<Uint8Array>
  /** The bytes of an entry as they lie, for a copy that leaves it unchanged. */
  raw(entry: Entry): AsyncIterable<Uint8Array>
}

/** Past this size an entry may not unpack to more than `mostTimes` its size: a sheet of equal rows unpacks to less than 50 times. */
const checkedSize = 64 << 20
const mostTimes = 250
/** No sheet that Excel holds is larger. */
const largestEntry = 32 * 2 ** 30
const chunkSize = 1 << 18

/**
 * Opens a book that is a zip file.
 * @throws RunError that says what the file is in place of one: password-protected, cut short, HTML, CSV …
 */
export async function openPackage(file: Located, signal: AbortSignal): Promise<Package> {
  const kind = await sniffBook(file)
  if (kind !== 'zip') throw notZipped(file, kind)
  try {
    await using opening = new AsyncDisposableStack()
    const handle = opening.use(await open(file.path))
    const zip = await yauzl.fromFdPromise(handle.fd, { autoClose: false, lazyEntries: true })
    const entries = new Map<string, yauzl.Entry>()
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue
      if (entries.has(entry.fileName)) throw malformed({ file: file.name }, 'two of its parts have one name', 'save the book again')
      entries.set(entry.fileName, entry)
    }
    opening.move()
    return new ZipPackage(file, zip, entries, handle, signal)
  } catch (thrown) {
    throw thrown instanceof RunError ? thrown : (known(thrown, file) ?? cutShort(file, thrown))
  }
}

class ZipPackage implements Package {
  readonly name: string
  readonly entries: readonly Entry[]
  readonly #file: Located
  readonly #zip: yauzl.ZipFile
  readonly #known: ReadonlyMap<string, yauzl.Entry>
  readonly #byLowerName: ReadonlyMap<string, Entry>
  readonly #handle: FileHandle
  readonly #signal: AbortSignal

  constructor(file: Located, zip: yauzl.ZipFile, known: ReadonlyMap<string, yauzl.Entry>, handle: FileHandle, signal: AbortSignal) {
    this.name = file.name
    this.entries = [...known.values()].map(described)
    this.#file = file
    this.#zip = zip
    this.#known = known
    this.#byLowerName = new Map(this.entries.map((entry) => [entry.name.toLowerCase(), entry]))
    this.#handle = handle
    this.#signal = signal
  }

  find(name: string): Entry | undefined {
    return this.#byLowerName.get(name.toLowerCase())
  }

  async *read(entry: Entry): AsyncGenerator<Uint8Array> {
    this.#refuseBomb(entry)
    if (this.#known.get(entry.name)?.isEncrypted()) throw encrypted(this.#file)
    if (entry.method !== 0 && entry.method !== 8)
      throw malformed({ file: this.name }, `${entry.name}: expected deflated data, found compression method ${entry.method}`)
    let sum = 0
    let size = 0
    try {
      for await (const chunk of entry.method === 8 ? through(this.raw(entry), createInflateRaw({ chunkSize })) : this.raw(entry)) {
        this.#signal.throwIfAborted()
        sum = crc32(chunk, sum)
        size += chunk.length
        if (size > entry.size) break
        yield chunk
      }
    } catch (thrown) {
      throw fileError(thrown, this.name)
    }
    if (size !== entry.size || sum !== entry.crc32) throw damaged(this.#file, entry)
  }

  async *raw(entry: Entry): AsyncGenerator<Uint8Array> {
    const found = this.#known.get(entry.name)
    if (!found) throw new Error(`${entry.name} is not an entry of this package`)
    try {
      const { fileDataStart } = await this.#zip.readLocalFileHeaderPromise(found, { minimal: true })
      for (let at = 0; at < entry.compressedSize; ) {
        this.#signal.throwIfAborted()
        const wanted = Math.min(entry.compressedSize - at, chunkSize)
        const { bytesRead, buffer } = await this.#handle.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, fileDataStart + at)
        if (bytesRead === 0) throw damaged(this.#file, entry)
        at += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    } catch (thrown) {
      this.#signal.throwIfAborted()
      throw thrown instanceof RunError ? thrown : (known(thrown, this.#file) ?? damaged(this.#file, entry, thrown))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }

  #refuseBomb({ name, size, compressedSize }: Entry): void {
    const times = Math.round(size / Math.max(compressedSize, 1))
    if (size <= largestEntry && (size <= checkedSize || times <= mostTimes)) return
    throw new RunError({
      code: 'ZIP_BOMB',
      message: `${this.name}: its part ${name} unpacks to ${Math.round(size / 2 ** 20)} MiB, ${times} times its size: no book does`,
      hint: 'do not open this file unless you know who made it; a book that is right gets smaller by being saved again',
    })
  }
}

function described({ fileName, uncompressedSize, compressedSize, crc32, compressionMethod }: yauzl.Entry): Entry {
  return { name: fileName, size: uncompressedSize, compressedSize, crc32, method: compressionMethod }
}

/** What the operating system says; yauzl's own errors are about the content. */
function known(thrown: unknown, file: Located): unknown {
  const translated = fileError(thrown, file.name)
  return translated === thrown ? undefined : translated
}

function cutShort({ name }: Located, cause: unknown): RunError {
  return new RunError({
    code: 'TRUNCATED_FILE',
    message: `${name} is cut short or damaged: the directory at its end is missing or wrong`,
    hint: 'fetch the file again',
    cause,
  })
}

function damaged({ name }: Located, entry: Entry, cause?: unknown): RunError {
  return new RunError({
    code: 'DAMAGED_FILE',
    message: `${name} is damaged: its part ${entry.name} does not add up`,
    hint: 'fetch the file again',
    ...(cause === undefined ? {} : { cause }),
  })
}

function encrypted({ name }: Located): RunError {
  return new RunError({
    code: 'PASSWORD_PROTECTED',
    message: `${name} is protected by a password`,
    hint: 'save it without one: Syncline takes no passwords of books',
  })
}

function notZipped(file: Located, kind: Exclude<Awaited<ReturnType<typeof sniffBook>>, 'zip'>): RunError {
  const { name } = file
  switch (kind) {
    case 'encrypted':
      return encrypted(file)
    case 'empty':
      return malformed({ file: name }, 'expected a book, found an empty file', 'fetch the file again')
    case 'xls':
      return malformed({ file: name }, 'expected a zipped book, found one in the format of .xls', 'name it `.xls`, or write `format: xls`')
    case 'html':
      return malformed({ file: name }, 'expected a book, found HTML or XML text', 'open it in Excel and save it as .xlsx')
    default:
      return malformed({ file: name }, 'expected a book, found another kind of file', 'if it is text, write `format: csv`')
  }
}
