import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, chmod, chown, constants, link, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { RunError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import { targetMoved, withFile } from './file-errors.ts'
import type { Located } from './locate.ts'
import { portions, writeAll } from './write-chunks.ts'

/**
 * A new version of a file, written beside it under a hidden name until it takes its place by a rename. Until then nobody
 * sees it, and `discard` leaves no trace.
 */
export class Beside {
  readonly path: string
  readonly #target: Located
  readonly #logger: Logger
  /** The folder, where it was made for this file. */
  readonly #madeFolder: string | undefined
  #digest: string | undefined

  /** Finds a place for a new version of `target`; leftovers of processes that are gone are removed. */
  static async prepare(target: Located, logger: Logger): Promise<Beside> {
    return await withFile(target.name, async () => {
      await checkWritable(target)
      const madeFolder = await makeFolder(target)
      await removeLeftovers(target.path)
      return new Beside(target, logger, madeFolder)
    })
  }

  private constructor(target: Located, logger: Logger, madeFolder: string | undefined) {
    this.#target = target
    this.#logger = logger
    this.#madeFolder = madeFolder
    this.path = path.join(path.dirname(target.path), `${hiddenPrefix(target.path)}${owner()}-${randomBytes(4).toString('hex')}.tmp`)
  }

  /** Hex of SHA-256 over the new content, once it is complete. */
  get digest(): string {
    if (this.#digest === undefined) throw new Error('the new version is not complete')
    return this.#digest
  }

  /** Writes the whole content and sees that it is on disk. */
  async write(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await withFile(this.#target.name, async () => {
      const hash = createHash('sha256')
      await using handle = await open(this.path, 'wx')
      for await (const chunk of portions(chunks)) {
        hash.update(chunk)
        await writeAll(handle, chunk)
      }
      await handle.sync()
      this.#digest = hash.digest('hex')
    })
  }

  /** Takes what somebody else wrote to `path` as the whole content. */
  async complete(): Promise<void> {
    await withFile(this.#target.name, async () => {
      this.#digest = await digestOf(this.path)
      await using handle = await open(this.path, 'r+')
      await handle.sync()
    })
  }

  /** Takes the place of the target, which must still be there or not as `replaces` says. @throws RunError (code `TARGET_MOVED`) otherwise. */
  async place(replaces: boolean): Promise<void> {
    await withFile(this.#target.name, async () => {
      if (replaces) {
        await this.#keepOwner()
        await rename(this.path, this.#target.path)
      } else {
        await this.#placeNew()
      }
      await syncFolder(path.dirname(this.#target.path))
    })
  }

  /** Whom a file that is new shall be open to. */
  async open(mode: number): Promise<void> {
    await withFile(this.#target.name, async () => await chmod(this.path, mode))
  }

  async discard(): Promise<void> {
    await rm(this.path, { force: true })
    // Only an empty folder goes.
    if (this.#madeFolder) await rmdir(this.#madeFolder).catch(() => {})
  }

  /** A link fails where a file is, which a rename would overwrite. */
  async #placeNew(): Promise<void> {
    try {
      await link(this.path, this.#target.path)
    } catch (thrown) {
      const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
      if (code === 'EEXIST') throw targetMoved(this.#target.name)
      // File systems without links.
      return await rename(this.path, this.#target.path)
    }
    await rm(this.path)
  }

  async #keepOwner(): Promise<void> {
    const [former, made] = await Promise.all([stat(this.#target.path), stat(this.path)])
    if (former.uid !== made.uid || former.gid !== made.gid) {
      await chown(this.path, former.uid, former.gid).catch(() => {
        this.#logger.warn(`${this.#target.name}: the owner of the file could not be kept`)
      })
    }
    await chmod(this.path, former.mode & 0o7777)
  }
}

/** That there shall be no file: what a target was before it was made. */
export class Removal {
  readonly digest = 'absent'
  readonly #target: Located

  constructor(target: Located) {
    this.#target = target
  }

  async place(): Promise<void> {
    await withFile(this.#target.name, async () => {
      await rm(this.#target.path)
      await syncFolder(path.dirname(this.#target.path))
    })
  }

  async discard(): Promise<void> {}
}

/** Hex of SHA-256 over a file's content. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}

/** A rename would replace even a file that may not be written. */
async function checkWritable({ path: file }: Located): Promise<void> {
  try {
    await access(file, constants.W_OK)
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown
  }
}

/** Creates the folder of a file, though not those above it: a wrong path is more likely than a missing tree. */
async function makeFolder({ path: file, name }: Located): Promise<string | undefined> {
  const folder = path.dirname(file)
  try {
    await mkdir(folder)
    return folder
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
    if (code === 'EEXIST') return undefined
    if (code !== 'ENOENT') throw thrown
    throw new RunError({
      code: 'FOLDER_NOT_FOUND',
      message: `${name} cannot be written: neither its folder exists nor the one above it`,
      hint: 'check the path, or make the folder',
      cause: thrown,
    })
  }
}

/** Removes what writers of the same file left that ran on this machine and are gone. */
async function removeLeftovers(file: string): Promise<void> {
  const folder = path.dirname(file)
  const prefix = hiddenPrefix(file)
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue
    const [, host, pid] = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.tmp$/.exec(name.slice(prefix.length)) ?? []
    if (host === hostMark() && pid !== undefined && !isAlive(Number(pid))) await rm(path.join(folder, name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')
  }
}

function hiddenPrefix(file: string): string {
  return `.${path.basename(file).slice(0, 100)}.syncline-`
}

function owner(): string {
  return `${hostMark()}-${process.pid}`
}

/** Process ids mean something on one machine only. */
function hostMark(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
}

/** A rename is on disk once its folder is; Windows neither can nor needs to be asked. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  await using handle = await open(folder, 'r')
  await handle.sync()
}
