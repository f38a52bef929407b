import { namePattern } from '../../config/names.ts'

/** What a person does about a withheld run: look, then let it pass. */
export function guardHint(sync: string): readonly string[] {
  return [...(namePattern.test(sync) ? [`look: syncline plan ${sync}`] : []), ...passGuard(sync)]
}

/** How a withheld run passes: this once, or from now on. What only a command line names is in no config. */
export function passGuard(sync: string): readonly string[] {
  if (!namePattern.test(sync)) return ['to let it pass once: the same command with --guard off']
  return [
    `to let it pass once: syncline run ${sync} --set syncs.${sync}.guard=off`,
    'from now on: limits of its own in the config, such as guard: { deletes: 50%, updates: 80%, empty: allow }',
  ]
}
