import type { Endpoint } from '../../connectors/connector.ts'
import { formatAddress } from '../../core/address.ts'
import type { Family, SyncDefinition } from '../../core/definition.ts'
import { ConfigError, RunError } from '../../core/errors.ts'
import { isPattern, memberName, placeholders, withOverrides } from '../../core/family.ts'
import { formatName, parseName } from '../../core/names.ts'
import { didYouMean } from '../../core/nearest.ts'
import { shellWord } from '../../core/shell.ts'

/** A table of the source, by the name that its connection lists it by. */
interface Found {
  readonly name: string
  readonly table: string
  readonly schema: string | undefined
}

/**
 * One sync a table of the source that matches, in name order.
 * @throws RunError where none does: a pattern that matches nothing must not look like success. ConfigError where a table that
 * has settings does not exist, or two tables fall on one target.
 */
export async function expandFamily(definition: SyncDefinition, source: Endpoint, target: Endpoint): Promise<readonly SyncDefinition[]> {
  const { from, family } = definition
  if (!family || from.object === undefined) throw new Error('only a family can be expanded')
  if (source.traits.globs === 'dataset') throw oneDataset(definition)
  const listed = await listMatching(source, from.object)
  refuseUnknown(definition, Object.keys(family.overrides), listed, 'tables')
  refuseUnknown(definition, family.only ?? [], listed, 'the selection')
  const wanted = listed.filter((one) => isWanted(one, family))
  if (wanted.length === 0)
    throw nothingMatches(
      definition,
      listed,
      (await source.listTables()).map(({ name }) => name),
    )
  const members = wanted.map((one) => memberOf(definition, family, one, target))
  refuseSharedTargets(members)
  return members
}

/** `*` stands for the tables of the connection's own schema; those of others have their schema in the pattern, as `*.*` has. */
async function listMatching(source: Endpoint, pattern: string): Promise<readonly Found[]> {
  const listed = (await source.listTables(pattern)).map(({ name }) => found(name, pattern))
  return pattern.includes('.') ? listed : listed.filter(({ name }) => parseName(name).length === 1)
}

/** The schema of a name that leaves it out is the one that the pattern asks for. */
function found(name: string, pattern: string): Found {
  const parts = parseName(name)
  const [asked = ''] = pattern.split('.')
  const schema = parts.length > 1 ? parts.slice(0, -1).join('.') : pattern.includes('.') && !isPattern(asked) ? asked : undefined
  return { name, table: parts.at(-1) ?? name, schema }
}

function isWanted(one: Found, { only, exclude }: Family): boolean {
  return (only === undefined || only.some((pattern) => matches(one, pattern))) && !exclude.some((pattern) => matches(one, pattern))
}

function matches({ name, table, schema }: Found, pattern: string): boolean {
  const body = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const expression = new RegExp(`^${body}$`, 'su')
  return [name, table, `${schema}.${table}`].some((text) => expression.test(text))
}

function memberOf(definition: SyncDefinition, family: Family, one: Found, target: Endpoint): SyncDefinition {
  const { [one.table]: byTable, [one.name]: byName = byTable, [`${one.schema}.${one.table}`]: own = byName } = family.overrides
  const { family: _, ...plain } = withOverrides(definition, own ?? { from: {} })
  return {
    ...plain,
    name: memberName(definition.name, one.name),
    from: { ...plain.from, object: one.name },
    to: { ...plain.to, object: fillIn(definition, one, target) },
  }
}

/** A part of a table's name that holds a dot is quoted; the name of a file has no quotes. */
function fillIn({ name, to }: SyncDefinition, one: Found, target: Endpoint): string {
  const isFile = target.traits.globs === 'dataset'
  return to.object.replace(placeholders, (placeholder) => {
    const part = placeholder === '{table}' ? one.table : one.schema
    if (part === undefined) throw withoutSchema(name, one.name)
    if (isFile && /[\\/:*?"<>|#]|^\./.test(part)) throw noFileName(name, one.name)
    return isFile ? part : formatName([part])
  })
}

function refuseUnknown({ name }: SyncDefinition, tables: readonly string[], listed: readonly Found[], where: string): void {
  for (const table of tables) {
    if (listed.some((one) => matches(one, table))) continue
    const names = listed.map((one) => one.name)
    throw new ConfigError({
      code: 'TABLE_NOT_FOUND',
      message: `\`${name}\`: ${where} names \`${table}\`, and no table that matches has that name`,
      hint: didYouMean(table, [...names, ...listed.map((one) => one.table)]) ?? `tables are ${some(names)}`,
    })
  }
}

function refuseSharedTargets(members: readonly SyncDefinition[]): void {
  const byTarget = Map.groupBy(members, ({ to }) => to.object)
  for (const [target, sharing] of byTarget) {
    if (sharing.length < 2) continue
    const names = sharing.map(({ from }) => from.object).join(', ')
    throw new ConfigError({
      code: 'SHARED_TARGET',
      message: `${names} would all be written to \`${target}\``,
      hint: 'put `{schema}` into the target’s name, or leave one of them out by `exclude`',
    })
  }
}

function nothingMatches({ name, from, family }: SyncDefinition, listed: readonly Found[], all: readonly string[]): RunError {
  const address = formatAddress(from.connection, from.object ?? '')
  const left = listed.length > 0 ? `every table of ${address} is left out by \`exclude\`` : `no table matches ${address}`
  const there = all.length === 0 ? 'it holds no tables' : `its tables are ${some(all)}`
  return new RunError({
    code: 'NO_TABLES',
    message: `\`${name}\`: ${left}; nothing was done`,
    hint:
      listed.length > 0
        ? `\`exclude\` is ${(family?.exclude ?? []).join(', ')}`
        : `${there}; see them: syncline discover ${shellWord(from.connection.name)}`,
  })
}

function some(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more` : names.join(', ')
}

function oneDataset({ name, from, to }: SyncDefinition): ConfigError {
  return new ConfigError({
    code: 'NOT_MANY_TABLES',
    message: `\`${name}\`: files that match \`${from.object}\` are one dataset, so \`${to.object}\` has no table to stand for`,
    hint: 'name one target, or one sync a file',
  })
}

function withoutSchema(name: string, table: string): ConfigError {
  return new ConfigError({
    code: 'NO_SCHEMA',
    message: `\`${name}\`: \`{schema}\` stands for the schema of each table, and \`${table}\` is listed without one`,
    hint: 'ask for the schema by the pattern, such as shop#public.*, or leave `{schema}` out',
  })
}

function noFileName(name: string, table: string): ConfigError {
  return new ConfigError({
    code: 'BAD_FILE_NAME',
    message: `\`${name}\`: \`${table}\` holds characters that the name of a file cannot hold everywhere`,
    hint: 'leave it out by `exclude`, and give it a sync of its own',
  })
}
