import { files } from '../../src/connectors/files/files.ts'
import type { System } from './place.ts'

/** A folder in which each table is a file with this ending. */
export function folderOf(ending: string): (directory: string) => Promise<System> {
  return async (directory) => ({
    open: async (context) => await files.open(files.parseOptions({ path: directory }), context),
    ref: (name) => ({ name: `${name}${ending}` }),
    [Symbol.asyncDispose]: async () => {},
  })
}
