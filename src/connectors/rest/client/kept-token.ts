import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync } from 'node:fs'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import type { OAuth2Options } from './auth-options.ts'

const cipher = 'aes-256-gcm'
const version = 1
const lengths = { iv: 12, tag: 16 }

/**
 * The refresh token that a token server gave last, kept from one run to the next, mode 0600. It is encrypted by a key that is
 * made of the secrets in the config, so the file alone opens nothing, and where the config names another token it is not found.
 */
export class KeptToken {
  readonly #file: string
  readonly #key: Uint8Array

  /** @returns `undefined` where the directory cannot be made, and nothing can be kept. */
  static async open(directory: string, options: OAuth2Options): Promise<KeptToken | undefined> {
    const kept = new KeptToken(directory, options)
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      kept.#makeLock()
      return kept
    } catch {
      return undefined
    }
  }

  private constructor(directory: string, { tokenUrl, clientId, clientSecret, refreshToken }: OAuth2Options) {
    const secrets = JSON.stringify([tokenUrl.href, clientId, clientSecret, refreshToken])
    const derived = (purpose: string) => new Uint8Array(hkdfSync('sha256', secrets, '', `syncline refresh token: ${purpose}`, 32))
    this.#key = derived('key')
    this.#file = path.join(directory, `${Buffer.from(derived('name')).toString('hex').slice(0, 32)}.token`)
  }

  /** Only where there is none: to close a file gives up every lock that this process has on it (POSIX, fcntl). */
  #makeLock(): void {
    if (!existsSync(this.#lock)) closeSync(openSync(this.#lock, 'a', 0o600))
  }

  /**
   * Lets one process at a time spend the token: others wait and then spend the one that came of it.
   * @throws whatever `exchange` throws, and the signal's reason.
   */
  async alone<Result>(signal: AbortSignal, exchange: () => Promise<Result>): Promise<Result> {
    using lock = new DatabaseSync(this.#lock, { timeout: 0 })
    while (!isTaken(lock)) await wait(50, undefined, { signal })
    return await exchange()
  }

  get #lock(): string {
    return `${this.#file}.lock`
  }

  /** @returns `undefined` where none is kept, or what is kept cannot be read any more. */
  async read(): Promise<string | undefined> {
    try {
      const bytes = await readFile(this.#file)
      if (bytes[0] !== version) return undefined
      const [iv, tag, rest] = [bytes.subarray(1, 13), bytes.subarray(13, 29), bytes.subarray(29)]
      const decipher = createDecipheriv(cipher, this.#key, iv, { authTagLength: lengths.tag }).setAuthTag(tag)
      return Buffer.concat([decipher.update(rest), decipher.final()]).toString('utf8')
    } catch {
      return undefined
    }
  }

  /** Whole on the disk before it returns: the former token may be worth nothing any more. */
  async keep(token: string): Promise<void> {
    const iv = randomBytes(lengths.iv)
    const encipher = createCipheriv(cipher, this.#key, iv, { authTagLength: lengths.tag })
    const bytes = Buffer.concat([encipher.update(token, 'utf8'), encipher.final()])
    const file = await open(`${this.#file}.new`, 'w', 0o600)
    try {
      await file.writeFile(Buffer.concat([Buffer.of(version), iv, encipher.getAuthTag(), bytes]))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${this.#file}.new`, this.#file)
  }
}

/** The kernel frees the lock when a process dies. */
function isTaken(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch {
    return false
  }
}
