import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, scryptSync } from 'node:crypto'
import { ConfigError } from '../core/errors.ts'

const algorithm = 'aes-256-gcm'
const mark = 'sealed:1:'
const nonceBytes = 12
const tagBytes = 16
const leastCharacters = 16
const keys = new Map<string, SealKey>()

/**
 * A key that redacted cells are kept under: AES-256-GCM, bound to the name of their column (NIST SP 800-38D), the key made of a
 * passphrase by scrypt (RFC 7914).
 */
export class SealKey {
  readonly #key: Buffer
  /** Tells this key from others and says nothing of it. */
  readonly id: string

  /** @throws ConfigError (`WEAK_KEY`) where the passphrase is too short to keep anything. */
  static of(passphrase: string): SealKey {
    if (passphrase.length < leastCharacters)
      throw new ConfigError({
        code: 'WEAK_KEY',
        message: `redact: expected a key of ${leastCharacters} characters or more; found ${passphrase.length}`,
        hint: 'make one: openssl rand -base64 32',
      })
    const known = keys.get(passphrase) ?? new SealKey(passphrase)
    keys.set(passphrase, known)
    return known
  }

  private constructor(passphrase: string) {
    this.#key = scryptSync(passphrase, 'syncline redact 1', 32)
    this.id = createHash('sha256').update(this.#key).digest('hex').slice(0, 16)
  }

  /** No two are alike, whatever is sealed. */
  seal(text: string, column: string): string {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(Buffer.from(column))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return mark + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
  }

  /** @throws ConfigError (`WRONG_KEY`) where it was sealed by another key, for another column, or was changed since. */
  open(sealed: string, column: string): string {
    try {
      const bytes = Buffer.from(sealed.slice(mark.length), 'base64')
      const decipher = createDecipheriv(algorithm, this.#key, bytes.subarray(0, nonceBytes)).setAAD(Buffer.from(column))
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
      return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
    } catch (cause) {
      throw new ConfigError({
        code: 'WRONG_KEY',
        message: `redact: the cells of \`${column}\` were sealed by another key, or were changed since`,
        hint: 'name the key that the config had then',
        cause,
      })
    }
  }

  /** Alike for alike texts of a column, and of no use to anybody without the key. */
  digest(text: string, column: string, salt: string): string {
    return createHmac('sha256', this.#key).update(`${salt}\0${column}\0${text}`).digest('base64')
  }
}

/** Alike for alike texts of a column under one salt. Whoever has both can try out what the text may be. */
export function saltedDigest(text: string, column: string, salt: string): string {
  return createHash('sha256').update(`${salt}\0${column}\0${text}`).digest('base64')
}
