import { formatAmount, formatCount } from '../../core/count.ts'
import type { PlanResult } from '../../core/run.ts'
import { shellWord } from '../../core/shell.ts'
import { changeLines } from './changes.ts'
import { countsLine } from './counts.ts'
import { escapeControls, escapeLines } from './escape.ts'
import { passGuard } from './guard-hint.ts'
import { formatSeconds } from './numbers.ts'
import { reasonText } from './reason.ts'
import type { Screen } from './screen.ts'
import { truncate } from './width.ts'

export interface PlanScreenOptions {
  readonly verbose: boolean
  readonly quiet: boolean
  /** Off a terminal, cells in full length. */
  readonly all?: boolean
}

/** What a plan, a verification or a diff found: the sync, the changes, their counts and what comes next. */
export function planScreen(result: PlanResult, screen: Screen, { verbose, quiet, all = false }: PlanScreenOptions): readonly string[] {
  if (quiet) return isInStep(result) ? [] : [`${escapeControls(result.sync)}   ${outcome(result)}`]
  const changes = changeLines(result, screen, all)
  return [
    ...headline(result, screen),
    '',
    ...schemaLines(result, screen, verbose),
    ...(changes.length > 0 ? [...changes, ''] : []),
    `  ${outcome(result)}`,
    ...result.details.notes.map((note) => screen.style.warn(`  note: ${escapeControls(note)}`)),
    ...(verbose ? verboseLines(result, screen) : []),
    ...rejectLines(result, screen),
    ...nextStep(result, screen).map((line) => `  ${line}`),
    '',
  ]
}

/** `customers   crm#/contacts → shop#public.customers   mirror by id` */
function headline({ sync, command, mode, details }: PlanResult, { style }: Screen): readonly string[] {
  const by = details.key.length > 0 ? ` by ${details.key.map(escapeControls).join(', ')}` : ''
  const way = `${escapeControls(details.from)} → ${escapeControls(details.to)}`
  if (command === 'diff') return [`${style.strong(way)}   compared${by}`]
  return [`${style.strong(escapeControls(sync))}   ${way}   ${mode}${by}`]
}

function schemaLines({ details, command }: PlanResult, { width, style }: Screen, verbose: boolean): readonly string[] {
  if (details.schema.length === 0) return []
  const title = command === 'plan' ? '  first the target changes:' : '  the tables differ:'
  return [
    title,
    ...details.schema.flatMap((sql) =>
      escapeLines(sql)
        .split('\n')
        .map((line) => style.insert(verbose ? `    ${line}` : truncate(`    ${line}`, width))),
    ),
    '',
  ]
}

function isInStep({ counts, status }: PlanResult): boolean {
  return status === 'succeeded' && counts.inserted + counts.updated + counts.deleted + counts.rejected === 0
}

function isOnlyRejects({ counts, details }: PlanResult): boolean {
  return counts.rejected > 0 && counts.inserted + counts.updated + counts.deleted === 0 && details.schema.length === 0
}

function outcome(result: PlanResult): string {
  if (result.status === 'failed' || result.status === 'cancelled') return `nothing was compared: ${result.status}`
  const counts = countsLine(result.counts)
  return isInStep(result) && result.command !== 'plan' ? `both sides agree   ${counts}` : counts
}

function verboseLines({ details, seconds, id }: PlanResult, { style }: Screen): readonly string[] {
  const timings = Object.entries(details.timings).map(([name, value]) => `${name} ${formatSeconds(value)}`)
  return [
    ...(details.path === '' ? [] : [`path: ${escapeControls(details.path)}`]),
    `run ${id}, ${formatSeconds(seconds)}${timings.length > 0 ? ` (${timings.join(', ')})` : ''}`,
  ].map((line) => style.faint(`  ${line}`))
}

/** How many rows cannot be delivered, by reason where that is known, and where a run keeps them. */
function rejectLines({ counts, rejects = [], command, sync, status }: PlanResult, { style }: Screen): readonly string[] {
  if (counts.rejected === 0 || status === 'failed' || status === 'cancelled') return []
  const name = escapeControls(shellWord(sync))
  const look = `  to see ${counts.rejected === 1 ? 'it' : 'them'}: syncline run ${name}, then syncline rejects ${name}`
  return [
    style.warn(`  ${formatAmount(counts.rejected, 'row')} cannot be delivered`),
    ...rejects.map(({ rows, ...why }) => `    ${formatCount(rows)} × ${escapeControls(reasonText(why))}`),
    ...(command === 'diff' ? [] : [look]),
  ]
}

function nextStep(result: PlanResult, { style }: Screen): readonly string[] {
  const { status, error, command, sync, watermark } = result
  if (error && status === 'withheld') {
    return [...linesOf(`a run would be withheld: ${error.message}`).map(style.warn), ...passGuard(sync, error.message)]
  }
  if (error) return [...linesOf(error.message).map(style.bad), ...linesOf(error.hint ?? '')]
  if (isInStep(result) && result.details.schema.length === 0) return command === 'plan' ? ['in step: there is nothing to do'] : []
  if (isOnlyRejects(result)) return [command === 'plan' ? 'there is nothing else to do' : 'the other rows agree']
  if (command === 'plan') return [`nothing was changed; \`syncline run ${escapeControls(shellWord(sync))}\` applies this`]
  if (command === 'verify' && watermark !== null) return afterCursor(shellWord(sync)).map(escapeControls)
  if (command === 'verify') return [`the sides differ; \`syncline run ${escapeControls(shellWord(sync))}\` brings them in step`]
  return ['nothing was changed']
}

/** A run reads only from its watermark on, so that it never sees what came late with an older value of the cursor. */
function afterCursor(sync: string): readonly string[] {
  return [
    'the sides differ, and a run reads only what its watermark has not passed yet',
    `to read everything anew: syncline state reset ${sync}, then syncline run ${sync}`,
    'from now on: a `lag` in the config reads rows that come late',
  ]
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : escapeLines(text).split('\n')
}
