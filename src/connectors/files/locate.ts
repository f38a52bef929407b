import { glob, lstat, readlink, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { ConfigError } from '../../core/errors.ts'
import { withFile } from './file-errors.ts'
import { namedFormat } from './format.ts'

/** One file: where it lies and how messages call it. */
export interface Located {
  readonly path: string
  readonly name: string
}

/** The files of one object in name order: the file of that very name, else all that the glob matches; none where neither exists. */
export async function locate(folder: string, object: string): Promise<readonly Located[]> {
  if (object === '') throw new ConfigError({ code: 'NO_FILE', message: 'no file is named', hint: 'write the file after `#`, or its path' })
  const exact = path.resolve(folder, object)
  if (await isFile(exact, object)) return [{ path: exact, name: object }]
  if (!isGlob(object)) return []
  const names = await matching(folder, object)
  return names.map((name) => ({ path: path.resolve(folder, name), name }))
}

function isGlob(object: string): boolean {
  return /[*?[{]/.test(object)
}

/** Names under `folder` that match, hidden ones and the marks of books that are open in Excel left out, in name order and with `/` between folders on every system. */
async function matching(folder: string, pattern: string): Promise<readonly string[]> {
  const names: string[] = []
  for await (const entry of glob(pattern, { cwd: folder, withFileTypes: true })) {
    if (entry.isDirectory()) continue
    names.push(path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
  }
  return names.filter((name) => !/(^|\/)(\.(?!\.?\/)|~\$)/.test(name)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/** Names of files that have a known extension. */
export async function listFiles(folder: string, pattern: string | undefined): Promise<readonly string[]> {
  return (await matching(folder, pattern ?? '**')).filter((name) => namedFormat(name).format !== undefined)
}

/**
 * Where a file is written: symbolic links are followed, so that the link stays and what it points to changes.
 * @throws ConfigError where the object is a glob.
 */
export async function locateTarget(folder: string, object: string): Promise<Located> {
  const exact = path.resolve(folder, object)
  if (isGlob(object) && !(await isFile(exact, object))) {
    throw new ConfigError({
      code: 'GLOB_TARGET',
      message: `\`${object}\` names many files: a target is one file`,
      hint: 'name one file without `*`, `?`, `[` or `{`',
    })
  }
  return { path: await withFile(object, () => followed(exact)), name: object }
}

async function followed(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch {
    // A link to a file that is not there yet, or no file at all.
    const link = await lstat(file).catch(() => undefined)
    return link?.isSymbolicLink() ? path.resolve(path.dirname(file), await readlink(file)) : file
  }
}

async function isFile(file: string, name: string): Promise<boolean> {
  try {
    const found = await stat(file)
    if (found.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
    return true
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')) return false
    return await withFile(name, () => Promise.reject(thrown))
  }
}
