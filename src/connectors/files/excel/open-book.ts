import type { Located } from '../locate.ts'
import type { Workspace } from '../workspace.ts'
import type { Book } from './book.ts'

/** Opens a book by what it is, whatever its name says. @throws RunError where it is none. */
export async function openBook(file: Located, workspace: Workspace): Promise<Book> {
  const { openXlsx } = await import('./xlsx-book.ts')
  return await openXlsx(file, workspace)
}
