import { malformed } from '../file-errors.ts'
import type { Located } from '../locate.ts'
import type { Workspace } from '../workspace.ts'
import type { Book } from './book.ts'
import { sniffBook } from './book-kind.ts'
import { openOds } from './ods-book.ts'
import { openXlsx } from './xlsx-book.ts'
import { openPackage } from './zip.ts'

/** Opens a book by what it is, whatever its name says. @throws RunError that says what the file is where it is none. */
export async function openBook(file: Located, workspace: Workspace): Promise<Book> {
  if ((await sniffBook(file)) === 'xls') return await (await import('./xls-book.ts')).openXls(file)
  return (await isOpenDocument(file, workspace)) ? await openOds(file, workspace) : await openXlsx(file, workspace)
}

async function isOpenDocument(file: Located, workspace: Workspace): Promise<boolean> {
  await using parts = await openPackage(file, workspace.signal)
  if (parts.find('content.xml')) return true
  if (parts.find('_rels/.rels') || parts.find('[Content_Types].xml')) return false
  throw malformed(
    { file: file.name },
    'expected a book, found a zip file that holds none',
    'check the file: Excel could not open it either',
  )
}
