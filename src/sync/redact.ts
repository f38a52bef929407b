import { randomBytes } from 'node:crypto'
import type { Reject } from '../core/changes.ts'
import type { SyncDefinition } from '../core/definition.ts'
import { ConfigError, RunError } from '../core/errors.ts'
import { didYouMean } from '../core/nearest.ts'
import { isRedacted, type Redaction, redactedChange, redactedText, redactRow } from '../core/redaction.ts'
import type { ChangeSample } from '../core/run.ts'
import type { Column } from '../core/table.ts'
import type { Translation } from '../stage/stage.ts'
import { SealKey, saltedDigest } from '../state/seal.ts'
import type { Ends } from './ends.ts'

/** How a file of changes hides redacted cells. */
export interface Hidden {
  readonly columns: readonly string[]
  /** `SealKey.id` of the key, absent where there was none. */
  readonly key?: string
  /** Under which digests are made. */
  readonly salt: string
}

/** The key of redacted cells, where one is configured. @throws ConfigError where it is not there, or too short. */
export function sealKeyOf({ key }: Pick<Redaction, 'key'>): SealKey | undefined {
  return key && SealKey.of(key())
}

/** How a new plan hides its redacted cells. */
export function hiddenIn({ redact }: SyncDefinition): Hidden | undefined {
  if (!redact) return undefined
  const key = sealKeyOf(redact)
  return {
    columns: redact.columns.map((name) => name.toLowerCase()).toSorted(),
    ...(key ? { key: key.id } : {}),
    salt: randomBytes(16).toString('base64'),
  }
}

/** Digests in place of redacted cells: they tell whether a cell is the same, and nothing else. */
export function digesting({ redact }: SyncDefinition, hidden: Hidden | undefined): Translation | undefined {
  if (!redact || !hidden) return undefined
  const key = sealKeyOf(redact)
  return {
    concerns: (column) => isRedacted(redact, column),
    translate: (text, column) => key?.digest(text, column, hidden.salt) ?? saltedDigest(text, column, hidden.salt),
  }
}

/** Redacted cells under the key. @throws ConfigError where there is none. */
export function sealing(redact: Redaction | undefined): Translation | undefined {
  const key = redact && sealKeyOf(redact)
  return key && { concerns: (column) => isRedacted(redact, column), translate: (text, column) => key.seal(text, column) }
}

/** Cells that were sealed, as they were. */
export function opening(redact: Redaction | undefined, columns: readonly string[] = []): Translation | undefined {
  const key = redact && sealKeyOf(redact)
  return key && { concerns: (column) => isRedacted({ columns }, column), translate: (text, column) => key.open(text, column) }
}

/** Rejects as the state keeps them. */
export async function* sealed({ redact }: SyncDefinition, rejects: AsyncIterable<readonly Reject[]>): AsyncGenerator<readonly Reject[]> {
  for await (const some of rejects) yield sealRejects(redact, some)
}

/**
 * Rejects as they are kept: redacted cells under the key where there is one, else not at all. What the target said in its own
 * words may hold them, and is left out.
 */
function sealRejects(redaction: Redaction | undefined, rejects: readonly Reject[]): readonly Reject[] {
  if (!redaction || rejects.length === 0) return rejects
  const key = sealKeyOf(redaction)
  return rejects.map(({ answer: _, row, ...reject }) => {
    const hidden = Object.entries(row).filter((cell): cell is [string, string] => cell[1] !== null && isRedacted(redaction, cell[0]))
    const sealed = key && Object.fromEntries(hidden.map(([column, text]) => [column, key.seal(text, column)]))
    return {
      ...reject,
      row: { ...row, ...Object.fromEntries(hidden.map(([column]) => [column, redactedText])) },
      ...(sealed && hidden.length > 0 ? { sealed } : {}),
    }
  })
}

/** Changes as they are shown: of redacted cells only that they change. */
export function redactSamples(
  redaction: Pick<Redaction, 'columns'> | undefined,
  columns: readonly string[],
  samples: readonly ChangeSample[],
): readonly ChangeSample[] {
  if (!redaction) return samples
  return samples.map(({ kind, before, after }) => ({
    kind,
    before: before && redactRow(redaction, columns, before),
    after: after && markChanges(redactRow(redaction, columns, after), before, after),
  }))
}

function markChanges(
  shown: readonly (string | null)[],
  before: readonly (string | null)[] | null,
  after: readonly (string | null)[],
): readonly (string | null)[] {
  return shown.map((cell, at) =>
    cell === redactedText && before && before[at] !== null && before[at] !== after[at] ? redactedChange : cell,
  )
}

/**
 * @throws ConfigError (`COLUMN_NOT_FOUND`) where neither side has a column that is to be redacted: a slip would show what is to be
 * hidden, or where there is no such key as the config names. RunError where the target keeps what it was sent.
 */
export function refuseRedact({ name, redact }: SyncDefinition, { source, target }: Ends, columns: readonly Column[]): void {
  if (!redact) return
  if (target?.remembered)
    throw new RunError({
      code: 'NOT_SUPPORTED',
      message: `\`${name}\`: the target is not read, so that what it was sent is kept to compare with, redacted columns too`,
      hint: 'say how it is read (`read:`), or take the columns out by `select`',
    })
  // A key that is missing or too short ends a run before it reads anything.
  sealKeyOf(redact)
  if (redact.strict) refuseUnknownRedacted(name, redact, [...columns, ...source.columns, ...(target?.columns ?? [])])
}

export function refuseUnknownRedacted(sync: string, redact: Redaction, columns: readonly Pick<Column, 'name'>[]): void {
  const names = [...new Set(columns.map((column) => column.name))]
  const missing = redact.columns.find((name) => !names.some((known) => known.toLowerCase() === name.toLowerCase()))
  if (missing === undefined) return
  throw new ConfigError({
    code: 'COLUMN_NOT_FOUND',
    message: `\`${sync}\`: redact names \`${missing}\`, which neither side has`,
    hint: didYouMean(missing, names) ?? `the columns are ${names.join(', ')}`,
  })
}
