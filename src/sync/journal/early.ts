import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Compared } from '../../stage/stage.ts'

/**
 * The images of all changes, written while the target takes them: the stage has nothing else to do then. Should the target leave
 * none of them, they are the journal. Disposing waits until nothing is written any more, and removes what was not taken.
 */
export class EarlyImages implements AsyncDisposable {
  readonly #path: string
  readonly #changes: Compared
  readonly #about: string
  readonly #written: Promise<boolean>

  /** @param write is not begun anew where it fails: whoever keeps the journal then writes it, and tells why it cannot. */
  constructor(path: string, { changes, about }: Images, write: (path: string) => Promise<void>) {
    this.#path = path
    this.#changes = changes
    this.#about = about
    this.#written = this.#write(write).then(
      () => true,
      () => false,
    )
  }

  /** Moves the file to where the journal is written, if these are its images and all is said of them. */
  async take(path: string, { changes, about }: Images): Promise<boolean> {
    if (changes !== this.#changes || about !== this.#about || !(await this.#written)) return false
    await rename(this.#path, path)
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#written
    await rm(this.#path, { force: true })
  }

  async #write(write: (path: string) => Promise<void>): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    await rm(this.#path, { force: true })
    await write(this.#path)
  }
}

/** Changes, and what their journal says of them. */
export interface Images {
  readonly changes: Compared
  readonly about: string
}
