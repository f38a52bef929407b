import type { Bench, Case } from './cases.ts'
import { createEmpty, scatter } from './data.ts'

/** What keeping images and proving agreement cost: the same run with neither. `orders` and its CSV files are there. */
export function journalCases({ client, syncline }: Bench): readonly Case[] {
  const empty = async () => await createEmpty(client, 'target')
  const cases = [
    { mode: 'mirror, 1% changed', sync: 'csv-pg-mirror', prepare: async () => await scatter(client, 'target', 'orders') },
    { mode: 'upsert, every row new', sync: 'part-pg-upsert', prepare: empty },
    { mode: 'append', sync: 'csv-pg', prepare: empty },
    { mode: 'replace', sync: 'pg-pg', prepare: empty },
  ]
  return cases.map(({ mode, sync, prepare }) => ({
    name: `Journal and verify, ${mode}`,
    limitName: 'the same run with `journal: off` and `verify: off`',
    // What takes a quarter of a whole makes a third more of the rest.
    atMost: 1.33,
    prepare,
    limit: `exec ${syncline} run ${sync} --quiet --set syncs.${sync}.journal=off --set syncs.${sync}.verify=off`,
    syncline: `exec ${syncline} run ${sync} --quiet --set syncs.${sync}.verify=checksum`,
  }))
}
