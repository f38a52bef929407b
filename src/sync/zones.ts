import type { ConnectionDefinition, SyncDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import type { Column } from '../core/table.ts'
import type { Stage } from '../stage/stage.ts'

/** A column on its way between two sides. */
interface Sides {
  readonly from: Column
  readonly to: Column
  readonly zone?: string
}

/**
 * The pair with the zone that lies between its sides, where one is naive and the other an instant: that of the connection
 * whose side is naive (rule 8). Cells of a column that is neither, such as a file's, tell by their form which they are.
 * @throws ConfigError (`ZONE_NEEDED`) naming the column where that connection has none.
 */
export function withZone<Pair extends Sides>(pair: Pair, definition: SyncDefinition): Pair {
  const { from, to } = pair
  if (!isMoment(to) || from.type.kind === to.type.kind) return pair
  const naive = to.type.kind === 'timestamptz' ? definition.from.connection : definition.to.connection
  if (naive.zone !== undefined) return { ...pair, zone: naive.zone }
  if (isMoment(from) && !from.untyped) throw zoneNeeded(pair, definition, naive)
  return pair
}

/** Whether a column's sides are a naive timestamp and an instant by their types, so that a cursor has to cross between them, too. */
function crosses({ from, to, zone }: Sides): boolean {
  return zone !== undefined && isMoment(from) && isMoment(to)
}

/** The greatest cell of a cursor's target column as the source spells it, from where the next run reads. */
export async function asSourceSpells(stage: Stage, text: string | null, pair: Sides): Promise<string | null> {
  const { from, to, zone } = pair
  if (text === null || zone === undefined || !crosses(pair)) return text
  return await stage.moment(text, to.type, from.type, zone)
}

/**
 * A cursor's lower bound as the target spells it, a day early: clocks that were put back show the same times again, and some
 * rows that are read once more are found to be there.
 */
export async function asTargetSpells(stage: Stage, text: string, pair: Sides): Promise<string> {
  const { from, to, zone } = pair
  if (zone === undefined || !crosses(pair)) return text
  const bound = await stage.moment(text, from.type, to.type, zone)
  return bound === null ? text : await stage.earlier(bound, '1 day', { ...to, type: { ...to.type, precision: 6 } as typeof to.type })
}

function isMoment({ type }: Column): boolean {
  return type.kind === 'timestamp' || type.kind === 'timestamptz'
}

function zoneNeeded({ from }: Sides, { name }: SyncDefinition, connection: ConnectionDefinition): ConfigError {
  const naive = 'a timestamp without time zone'
  const [one, other] = from.type.kind === 'timestamp' ? [naive, 'an instant'] : ['an instant', naive]
  return new ConfigError({
    code: 'ZONE_NEEDED',
    message: `\`${name}\`: the column \`${from.name}\` is ${one} in the source and ${other} in the target; which time zone lies between them is not known`,
    hint: `say where the clocks of ${connection.name} hang: give that connection a \`zone\`, such as \`zone: Europe/Berlin\``,
  })
}
