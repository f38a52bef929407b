import { access } from 'node:fs/promises'
import path from 'node:path'
import { RetryableError } from '../../../../core/errors.ts'
import type { Located } from '../../locate.ts'

/** The files that programs lay beside a book while it is open in them. */
const marks = [
  { program: 'Excel', markOf: (book: string) => `~$${book}` },
  { program: 'LibreOffice', markOf: (book: string) => `.~lock.${book}#` },
]

/** @throws RetryableError where someone has the book open: saving it there would undo what is written here, without a word. */
export async function refuseOpenElsewhere({ path: file, name }: Located): Promise<void> {
  for (const { program, markOf } of marks) {
    const mark = markOf(path.basename(file))
    if (!(await exists(path.join(path.dirname(file), mark)))) continue
    throw new RetryableError({
      code: 'BOOK_OPEN',
      message: `${name} is open in ${program}: saving it there would undo what is written here`,
      hint: `close it and run again; where nobody has it open, ${program} left the file ${mark} behind: delete that`,
    })
  }
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  )
}
