import { relative } from 'node:path'
import { namePattern } from '../../config/names.ts'
import { splitMember } from '../../core/family.ts'
import type { RunResult } from '../../core/run.ts'
import { shellWord } from '../../core/shell.ts'

/** What a person does about a withheld run: look, then approve, or set limits of its own. */
export function guardHint({ id, sync, details, error }: RunResult): readonly string[] {
  if (details.plan === undefined) return passGuard(sync, error?.message ?? '')
  return [`look: syncline show ${id}   approve: ${approval(details.plan)}`]
}

/** The command that carries out the plan of a withheld run. */
export function approval(plan: string): string {
  const near = relative(process.cwd(), plan)
  return `syncline apply ${shellWord(near.startsWith('..') ? plan : near)}`
}

/** How a run passes that has not kept what is withheld. What only a command line names is in no config. */
export function passGuard(sync: string, message: string): readonly string[] {
  if (!isConfigured(sync)) return ['to let it pass once: the same command with --guard off']
  return [`to let it pass once: ${once(sync)}`, `from now on: ${fromNowOn(message)}`]
}

/** What a config says to let such a run pass by itself. Limits let no cascade pass, whatever they are. */
export function fromNowOn(message: string): string {
  if (message.includes('cascades: allow')) return 'guard: { cascades: allow } in the config, beside the limits that it has'
  return 'limits of its own in the config, such as guard: { deletes: 50%, updates: 80%, empty: allow }'
}

/** A plan that a person has looked at; tables of one sync have theirs together. */
function once(sync: string): string {
  const name = splitMember(sync)?.family ?? sync
  return `syncline plan ${shellWord(name)} --save ${shellWord(`${name}.plan`)}, then syncline apply ${shellWord(`${name}.plan`)}`
}

/** Whether it is a sync of a config, or a table of one that stands for many. */
function isConfigured(sync: string): boolean {
  return namePattern.test(splitMember(sync)?.family ?? sync)
}
