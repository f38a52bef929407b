import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const bytes = 24 * 1024 * 1024

/** A small disk of its own. */
export class SmallDisk implements Disposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** `undefined` where this account, or this system, mounts none. */
  static mount(path: string): SmallDisk | undefined {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
    mkdirSync(path)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { stdio: 'ignore' })
      return new SmallDisk(path)
    } catch {
      return undefined
    }
  }

  /** Leaves room for so many bytes, in whole blocks. */
  fill(room: number): void {
    const { bavail, bsize } = statfsSync(this.path)
    writeFileSync(this.#ballast, Buffer.alloc(Math.max(0, bavail * bsize - Math.ceil(room / bsize) * bsize)))
  }

  free(): void {
    rmSync(this.#ballast, { force: true })
  }

  [Symbol.dispose](): void {
    execFileSync('umount', [this.path])
  }

  get #ballast(): string {
    return join(this.path, 'ballast')
  }
}
