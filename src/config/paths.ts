import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'

/** What a path leads to, by its name and by what is there. */
export type PathTarget =
  | { readonly kind: 'database'; readonly type: 'sqlite' | 'duckdb'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string; readonly name: string }
  /** A file or a glob, apart from the folder it is in. */
  | { readonly kind: 'file'; readonly path: string; readonly name: string; readonly file: string }

const databases: Readonly<Record<string, 'sqlite' | 'duckdb'>> = {
  '.db': 'sqlite',
  '.sqlite': 'sqlite',
  '.sqlite3': 'sqlite',
  '.duckdb': 'duckdb',
  '.ddb': 'duckdb',
}

/** The absolute path, `~` being the home directory. */
export function absolutePath(text: string, directory: string): string {
  return /^~([\\/]|$)/.test(text) ? resolve(homedir(), `.${text.slice(1)}`) : resolve(directory, text)
}

/** Where a path leads: a database by its extension, a folder where one is or where no extension says otherwise, else a file. */
export function pathTarget(text: string, directory: string): PathTarget {
  const path = absolutePath(text, directory)
  const extension = /\.\w+$/.exec(text)?.[0]?.toLowerCase()
  const type = extension === undefined ? undefined : databases[extension]
  if (type) return { kind: 'database', type, path }
  const glob = /[*?[{]/.exec(text)
  if (!glob && isFolder(text, path)) return { kind: 'folder', path, name: withoutEndingSlash(text) }
  return fileTarget(text, directory, glob ? text.slice(0, glob.index) : text)
}

function isFolder(text: string, path: string): boolean {
  if (/[\\/]$/.test(text) || statSync(path, { throwIfNoEntry: false })?.isDirectory()) return true
  return !/[^\\/.][^\\/]*\.[^\\/]+$/.test(text) && !statSync(path, { throwIfNoEntry: false })?.isFile()
}

/** The folder ends at the last separator before the first wildcard. */
function fileTarget(text: string, directory: string, fixed: string): PathTarget {
  const cut = Math.max(fixed.lastIndexOf('/'), fixed.lastIndexOf('\\')) + 1
  const folder = text.slice(0, cut)
  return { kind: 'file', path: absolutePath(folder, directory), name: withoutEndingSlash(folder), file: text.slice(cut) }
}

function withoutEndingSlash(text: string): string {
  return /^([\\/]|[A-Za-z]:[\\/])$/.test(text) ? text : text.replace(/[\\/]+$/, '')
}
