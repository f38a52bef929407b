import { namePattern } from '../../config/names.ts'
import { splitMember } from '../../core/family.ts'
import { formatName } from '../../core/names.ts'
import { shellWord } from '../../core/shell.ts'

/** What a person does about a withheld run, which `message` tells the reason of: look, then let it pass. */
export function guardHint(sync: string, message: string): readonly string[] {
  return [...(isConfigured(sync) ? [`look: syncline plan ${shellWord(sync)}`] : []), ...passGuard(sync, message)]
}

/** How a withheld run passes: this once, or from now on. What only a command line names is in no config. */
export function passGuard(sync: string, message: string): readonly string[] {
  if (!isConfigured(sync)) return ['to let it pass once: the same command with --guard off']
  return [`to let it pass once: ${once(sync)}`, `from now on: ${fromNowOn(message)}`]
}

/** Limits let no cascade pass, whatever they are. */
function fromNowOn(message: string): string {
  if (message.includes('cascades: allow')) return 'guard: { cascades: allow } in the config, beside the limits that it has'
  return 'limits of its own in the config, such as guard: { deletes: 50%, updates: 80%, empty: allow }'
}

/** A plan that a person has looked at; the tables of one that stands for many have none of their own. */
function once(sync: string): string {
  const member = splitMember(sync)
  if (!member)
    return `syncline plan ${shellWord(sync)} --save ${shellWord(`${sync}.plan`)}, then syncline apply ${shellWord(`${sync}.plan`)}`
  const path = `${member.family}.tables.${formatName([member.table])}`
  return `syncline run ${member.family} --set ${shellWord(`syncs.${path}.guard=off`)}`
}

/** Whether it is a sync of a config, or a table of one that stands for many. */
function isConfigured(sync: string): boolean {
  return namePattern.test(splitMember(sync)?.family ?? sync)
}
