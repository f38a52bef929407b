import { NotDirectError, RetryableError, RunError, SynclineError } from '../../core/errors.ts'

/** Stands before the column's name where a statement stopped at a value that the column cannot hold. */
export const misfitMark = 'syncline: no exact value of '

/** Whether rows broke a constraint, or held what a column cannot. */
export function isRefusedRow(thrown: unknown): boolean {
  return /^Constraint Error|^PRIMARY KEY or UNIQUE/.test(messageOf(thrown)) || messageOf(thrown).includes(misfitMark)
}

/** A refused row of a load that nothing was compared for. */
export function notDirect(thrown: unknown, table: string): NotDirectError {
  return new NotDirectError({ code: 'ROW_REFUSED', message: `\`${table}\` refused a row: ${constraint(messageOf(thrown))}`, cause: thrown })
}

/** Any error of DuckDB as one that says what to do. Its messages quote values, so only what names the problem is kept. */
export function translate(thrown: unknown, path: string): SynclineError {
  if (thrown instanceof SynclineError) return thrown
  const text = messageOf(thrown)
  const parts = { cause: thrown }
  if (/Could not set lock on file|being used by another process/i.test(text)) {
    return new RetryableError({
      ...parts,
      code: 'DATABASE_LOCKED',
      message: `${path} is open in another program, and DuckDB lets one program write at a time`,
      hint: 'close it there, or run again later',
    })
  }
  if (/^TransactionContext Error: (Conflict|Catalog write-write)|write-write conflict/i.test(text)) {
    return new RetryableError({
      ...parts,
      code: 'WRITE_CONFLICT',
      message: `rows of ${path} were changed by someone else at the same time`,
      hint: 'run again',
    })
  }
  if (/not a valid DuckDB database|sqlite_scanner/i.test(text)) {
    return new RunError({ ...parts, code: 'NOT_A_DATABASE', message: `${path} is not a DuckDB database` })
  }
  if (/No space left on device|ENOSPC|max_temp_directory_size/i.test(text)) {
    return new RunError({
      ...parts,
      code: 'DISK_FULL',
      message: `the disk of ${path} is full; nothing was changed`,
      hint: 'free space and run again',
    })
  }
  if (/Cannot open file|Permission denied|read-only/i.test(text)) {
    return new RunError({
      ...parts,
      code: 'CANNOT_OPEN',
      message: `${path} cannot be opened or written`,
      hint: 'check that its folder exists and may be read and written, and the option `readonly`',
    })
  }
  if (isRefusedRow(thrown)) {
    const hint = /foreign key/i.test(text)
      ? 'DuckDB holds foreign keys also against rows that the same transaction has changed: declare these tables without REFERENCES'
      : undefined
    const message = `${path} refused a change: ${constraint(text)}; nothing was changed`
    return new RunError({ ...parts, code: 'CONSTRAINT', message, ...(hint === undefined ? {} : { hint }) })
  }
  if (/Out of Memory/i.test(text)) {
    return new RunError({
      ...parts,
      code: 'OUT_OF_MEMORY',
      message: `DuckDB needs more memory for ${path} than it may take`,
      hint: 'sync fewer columns or rows at a time',
    })
  }
  return new RunError({ ...parts, code: 'DUCKDB_ERROR', message: `DuckDB: ${withoutValues(text)}` })
}

/** `Duplicate key "id: 1" violates …` holds a value; what is broken and of which column does not. */
function constraint(text: string): string {
  const misfit = text.indexOf(misfitMark)
  if (misfit >= 0) return `a value does not fit column \`${text.slice(misfit + misfitMark.length).split('\n')[0]}\``
  const column = /key "([^:"]+):/.exec(text)?.[1]
  const of = column === undefined ? '' : ` of \`${column}\``
  if (/foreign key/i.test(text)) return `a foreign key${of} does not hold`
  if (/unique|primary key|duplicate/i.test(text)) return `a value${of} that must be unique is there twice`
  if (/NOT NULL constraint failed: (\S+)/.test(text)) return `NULL in ${/NOT NULL constraint failed: (\S+)/.exec(text)?.[1]}`
  return `a ${/CHECK/i.test(text) ? 'CHECK ' : ''}constraint does not hold`
}

/** What stands in single quotes is a value; names stand in double quotes. */
function withoutValues(text: string): string {
  const [first = ''] = text.split('\n')
  return first.replace(/'[^']*'/g, '…')
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
