import type { SyncDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import { splitMember } from '../core/family.ts'
import { didYouMean } from '../core/nearest.ts'

/** Which syncs an action is about: all where nothing is given. */
export interface Selection {
  readonly syncs?: readonly string[]
  /** Names or `tag:NAME`; of a family's tables `family/table`. */
  readonly select?: readonly string[]
  readonly exclude?: readonly string[]
}

/**
 * The selected syncs, each after those it depends on.
 * @throws ConfigError naming a sync that does not exist, or where there are none at all, or none are left.
 */
export function selectSyncs(
  all: readonly SyncDefinition[],
  { syncs = [], select = [], exclude = [] }: Selection,
): readonly SyncDefinition[] {
  if (all.length === 0) throw noSyncs()
  for (const name of [...syncs, ...select, ...exclude]) refuseUnknown(name, all)
  const wanted = [...syncs, ...select]
  const selected = all.filter(
    (sync) => (wanted.length === 0 || wanted.some((name) => matches(sync, name))) && !exclude.some((name) => namesAll(sync, name)),
  )
  if (selected.length === 0) throw nothingLeft(exclude)
  return ordered(selected.map((sync) => withTables(sync, wanted, exclude)))
}

function matches(sync: SyncDefinition, name: string): boolean {
  return namesAll(sync, name) || tableIn(sync, name) !== undefined
}

function namesAll(sync: SyncDefinition, name: string): boolean {
  return name.startsWith('tag:') ? sync.tags.includes(name.slice(4)) : sync.name === name
}

/** The table that `family/table` names of this family. */
function tableIn({ name: family, family: many }: SyncDefinition, name: string): string | undefined {
  const member = splitMember(name)
  return many && member?.family === family ? member.table : undefined
}

/** A family of which single tables are named is about those alone. */
function withTables(sync: SyncDefinition, wanted: readonly string[], exclude: readonly string[]): SyncDefinition {
  if (!sync.family) return sync
  const tables = (names: readonly string[]) => names.flatMap((name) => tableIn(sync, name) ?? [])
  const only = wanted.some((name) => namesAll(sync, name)) ? [] : tables(wanted)
  const family = { ...sync.family, exclude: [...sync.family.exclude, ...tables(exclude)], ...(only.length === 0 ? {} : { only }) }
  return { ...sync, family }
}

function refuseUnknown(name: string, all: readonly SyncDefinition[]): void {
  if (all.some((sync) => matches(sync, name))) return
  throw new ConfigError({
    code: 'UNKNOWN_SYNC',
    message: name.startsWith('tag:') ? `no sync has the tag \`${name.slice(4)}\`` : `no sync is named \`${name}\``,
    hint: didYouMean(name, names(all)) ?? `syncs are ${names(all).join(', ')}`,
  })
}

function noSyncs(): ConfigError {
  return new ConfigError({
    code: 'NO_SYNCS',
    message: 'the config has no syncs',
    hint: 'write one under `syncs`: NAME: { from: ./orders.csv, to: ./shop.db#orders, mode: mirror, key: id }',
  })
}

/** An empty selection must not look like success. */
function nothingLeft(exclude: readonly string[]): ConfigError {
  return new ConfigError({
    code: 'NOTHING_SELECTED',
    message: `nothing is left to run: every selected sync is left out by ${exclude.map((name) => `\`${name}\``).join(', ')}`,
    hint: 'name other syncs, or take one out of `--exclude`',
  })
}

function names(all: readonly SyncDefinition[]): readonly string[] {
  return all.map((sync) => sync.name)
}

/** Depth first over `after`; the config floor has refused cycles. */
function ordered(syncs: readonly SyncDefinition[]): readonly SyncDefinition[] {
  const done = new Set<SyncDefinition>()
  const visit = (sync: SyncDefinition): void => {
    if (done.has(sync)) return
    for (const before of syncs) if (sync.after.includes(before.name)) visit(before)
    done.add(sync)
  }
  for (const sync of syncs) visit(sync)
  return [...done]
}
