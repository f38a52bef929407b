import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { ConfigError } from '../core/errors.ts'
import { formatPath, type Path } from './problem.ts'

export interface SecretContext {
  /** Relative paths of `${file:…}` begin here. */
  readonly directory: string
  /** Where the part of the config at a path stands, for messages. */
  readonly place: (path: Path) => string
}

const reference = /\$\$\{|\$\{([^}:]*):?([^}]*)\}/g

/** Whether `${env:NAME}`, `${file:PATH}` or the like stands anywhere inside. */
export function hasSecrets(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('${')
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(hasSecrets)
}

/**
 * Puts what `${env:NAME}` and `${file:PATH}` refer to in their places, all the way down; `$${` stands for `${`. In the user
 * and password of a URL the values are percent-encoded. A file's last line break is left out.
 * @throws ConfigError (`SECRET_MISSING`) naming the variable or file and the place, never a value.
 */
export function fillSecrets(value: unknown, path: Path, context: SecretContext): unknown {
  if (typeof value === 'string') return fillText(value, path, context)
  if (Array.isArray(value)) return value.map((item, i) => fillSecrets(item, [...path, i], context))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillSecrets(item, [...path, key], context)]))
}

function fillText(text: string, path: Path, context: SecretContext): string {
  const login = /^[a-z][a-z\d+.-]+:\/\/.*@/is.exec(text)?.[0].length ?? 0
  return text.replace(reference, (whole: string, kind: string | undefined, name: string, offset: number) => {
    if (whole === '$${') return '${'
    const secret = lookUp(kind, name, path, context)
    return offset < login ? encodeURIComponent(secret) : secret
  })
}

function lookUp(kind: string | undefined, name: string, path: Path, context: SecretContext): string {
  if (kind === 'env')
    return process.env[name] ?? missing(`the environment variable ${name}, which is not set`, `set ${name}`, path, context)
  if (kind === 'file') return readSecret(name, path, context)
  return missing('`${env:NAME}` or `${file:PATH}`; another kind of reference stands there', 'write `$${` for a literal `${`', path, context)
}

function readSecret(file: string, path: Path, context: SecretContext): string {
  const target = file === '~' || file.startsWith('~/') ? homedir() + file.slice(1) : resolve(context.directory, file)
  try {
    return readFileSync(target, 'utf8').replace(/\r?\n$/, '')
  } catch {
    return missing(`the file ${target}, which cannot be read`, 'check that it exists and that you may read it', path, context)
  }
}

function missing(what: string, hint: string, path: Path, { place }: SecretContext): never {
  throw new ConfigError({ code: 'SECRET_MISSING', message: `${place(path)}: ${formatPath(path) || 'the address'} needs ${what}`, hint })
}
