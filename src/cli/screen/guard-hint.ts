import { namePattern } from '../../config/names.ts'

/** How a person lets a withheld run pass: this once, or from now on. What only a command line names is in no config. */
export function guardHint(sync: string): readonly string[] {
  if (!namePattern.test(sync)) return ['to let it pass once: the same command with --guard off']
  return [
    `look: syncline plan ${sync}`,
    `to let it pass once: syncline run ${sync} --set syncs.${sync}.guard=off`,
    'from now on: limits of its own in the config, such as guard: { deletes: 50%, updates: 80%, empty: allow }',
  ]
}
