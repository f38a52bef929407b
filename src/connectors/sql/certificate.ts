import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ConfigError } from '../../core/errors.ts'

/** The text of a PEM file. @param kind the kind of server it is for, as people know it. @throws ConfigError where it cannot be read. */
export async function readCertificate(path: string, baseDirectory: string, kind: string): Promise<string> {
  try {
    return await readFile(resolve(baseDirectory, path), 'utf8')
  } catch (cause) {
    throw new ConfigError({
      code: 'CERTIFICATE_NOT_FOUND',
      message: `the certificate or key \`${path}\` of a ${kind} connection cannot be read`,
      hint: 'paths are relative to the config file',
      cause,
    })
  }
}
