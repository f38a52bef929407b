import { NotDirectError, RunError, SynclineError } from '../core/errors.ts'

/** A failure of the embedded engine as an error that says what to do. Row values, which DuckDB quotes, are left out. */
export function engineError(thrown: unknown): SynclineError {
  if (thrown instanceof SynclineError) return thrown
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return misfit(text, thrown) ?? shortage(text, thrown) ?? brokenText(text, thrown) ?? unexpected(text, thrown)
}

/** Stands before the column's name in the message of a statement that stopped at a cell which does not fit. */
export const misfitMark = 'syncline: no exact value of '

function misfit(text: string, cause: unknown): NotDirectError | undefined {
  const at = text.indexOf(misfitMark)
  if (at < 0) return undefined
  const [column = ''] = text.slice(at + misfitMark.length).split('\n')
  return new NotDirectError({ code: 'NOT_EXACT', message: `a cell is not exactly a value of the target's column ${column}`, cause })
}

function shortage(text: string, cause: unknown): RunError | undefined {
  if (/No space left on device|max_temp_directory_size|ENOSPC/i.test(text))
    return new RunError({
      code: 'STAGE_DISK_FULL',
      message: 'the disk is full: the stage had no room to write',
      hint: 'free some space, or point TMPDIR at a larger disk, then run again',
      cause,
    })
  if (/Out of Memory|failed to (allocate|pin)|could not allocate/i.test(text))
    return new RunError({
      code: 'STAGE_OUT_OF_MEMORY',
      message: 'the stage needs more memory than it may take',
      hint: 'read fewer columns with `select`, or fewer rows with `where`',
      cause,
    })
  return undefined
}

/** Text that is no CSV is a structural error and fails the run (rule 4). DuckDB's message repeats the line, so it is told anew. */
function brokenText(text: string, cause: unknown): RunError | undefined {
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1]
  if (line === undefined) return undefined
  const where = placeOf(Number(line), /^\s*file = (.*)$/m.exec(text)?.[1])
  const fields = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text)
  const [code, message, hint] = fields
    ? [
        'FIELD_COUNT',
        `${where} has ${fields[2]} fields where ${fields[1]} were expected`,
        'check the delimiter and the quotes of that line',
      ]
    : /invalid unicode/i.test(text)
      ? ['BAD_ENCODING', `${where} is not valid UTF-8`, 'name the encoding with `encoding:`']
      : /unterminated quote/i.test(text)
        ? ['BAD_QUOTE', `${where} has a quote that is never closed, or text after a closing quote`, 'check `quote:` and that line']
        : /Maximum line size/i.test(text)
          ? ['LONG_LINE', `${where} is longer than the most that can be read at once, 32 MiB`, 'leave the column out with `select`']
          : ['BAD_CSV', `${where} is not CSV of the dialect given`, 'check `delimiter:`, `quote:` and that line']
  return new RunError({ code, message, hint, cause })
}

/** Text that landed has one line more than the source sent, at its head. */
function placeOf(line: number, file: string | undefined): string {
  if (file === undefined) return `line ${line}`
  return /[\\/]landed_\d+$/.test(file) ? `line ${line - 1} of what the source sent` : `line ${line} of ${file}`
}

/** Whatever is quoted may be a value. */
function unexpected(text: string, cause: unknown): RunError {
  const [first = ''] = text.split('\n')
  return new RunError({ code: 'STAGE_FAILED', message: `the stage failed: ${first.replace(/'[^']*'|"[^"]*"/g, '…')}`, cause })
}
