import type { SyncDefinition } from '../core/definition.ts'
import { withOverrides } from '../core/family.ts'
import { didYouMean } from '../core/nearest.ts'
import { isRedacted } from '../core/redaction.ts'
import { identity } from './lazily.ts'
import type { Path, Problem } from './problem.ts'

/** What is wrong with syncs that are well formed, each for itself and together (rule 1). `names` are all that the config holds. */
export function checkSyncs(syncs: readonly SyncDefinition[], names: readonly string[]): readonly Problem[] {
  return [
    ...syncs.flatMap((sync) => checkMode(sync)),
    ...syncs.flatMap((sync) => checkKey(sync)),
    ...syncs.flatMap(checkTables),
    ...checkAfter(syncs, names),
    ...checkMirrors(syncs),
  ]
}

/** Each table that has settings of its own, as it is with them; what is wrong with all of them was said already. */
function checkTables(sync: SyncDefinition): readonly Problem[] {
  if (checkMode(sync).length > 0) return []
  return Object.entries(sync.family?.overrides ?? {}).flatMap(([table, overrides]) => {
    const one = { ...withOverrides(sync, overrides), name: `${sync.name}.tables.${table}` }
    const path = ['syncs', sync.name, 'tables', table]
    return [...checkMode(one), ...checkKey(one)].map((problem): Problem => ({ ...problem, path, at: 'key' }))
  })
}

function checkMode({ name, mode, from, scope, redact }: SyncDefinition): readonly Problem[] {
  const at = (...path: Path): Path => ['syncs', name, ...path]
  const problems: Problem[] = []
  if (from.cursor !== undefined && (mode === 'mirror' || mode === 'replace')) {
    problems.push({
      path: at('from', 'cursor'),
      at: 'key',
      message: `syncs.${name}: a ${mode} reads its whole source; \`cursor\` would leave rows out, which the target would then lose`,
      hint: 'leave `cursor` out, or choose the mode upsert or append',
    })
  }
  if (from.where !== undefined && mode === 'mirror' && scope === undefined) {
    problems.push({
      path: at('from', 'where'),
      at: 'key',
      message: `syncs.${name}: \`where\` bounds the source of a mirror alone; target rows outside of it would be deleted`,
      hint: 'put the predicate under `scope`, which bounds both sides alike',
    })
  }
  if (scope !== undefined && mode !== 'mirror') {
    problems.push({
      path: at('scope'),
      at: 'key',
      message: `syncs.${name}: \`scope\` bounds both sides of a mirror; this sync is ${mode}`,
      hint: 'to read fewer rows, use `where` under `from`',
    })
  }
  if (from.cursor !== undefined && isRedacted(redact, from.cursor)) {
    problems.push({
      path: at('from', 'cursor'),
      at: 'key',
      message: `syncs.${name}: \`${from.cursor}\` is redacted, and the last value of a cursor is kept as it is`,
      hint: 'follow another column, or take this one out of `redact`',
    })
  }
  if (from.lag !== undefined && from.cursor === undefined) {
    problems.push({
      path: at('from', 'lag'),
      at: 'key',
      message: `syncs.${name}: \`lag\` needs a \`cursor\` to stay behind`,
      hint: 'name the `cursor` column',
    })
  }
  return problems
}

function checkKey({ name, key = [] }: SyncDefinition): readonly Problem[] {
  const twice = key.find((column, i) => key.indexOf(column) !== i)
  return twice === undefined ? [] : [{ path: ['syncs', name, 'key'], at: 'value', message: `syncs.${name}.key names \`${twice}\` twice` }]
}

function checkAfter(syncs: readonly SyncDefinition[], names: readonly string[]): readonly Problem[] {
  const unknown = syncs.flatMap(({ name, after }) =>
    after.flatMap((other, i): readonly Problem[] =>
      names.includes(other) ? [] : [unknownSync(['syncs', name, 'after', i], name, other, names)],
    ),
  )
  const cycle = findCycle(syncs)
  if (!cycle) return unknown
  const message = `syncs wait for each other in a circle: ${cycle.join(' after ')}`
  return [...unknown, { path: ['syncs', cycle[0] ?? '', 'after'], at: 'key', message, hint: 'take one of these `after` out' }]
}

function unknownSync(path: Path, sync: string, name: string, names: readonly string[]): Problem {
  const others = names.filter((n) => n !== sync)
  const hint = didYouMean(name, others)
  const message = `syncs.${sync}.after: there is no sync \`${name}\`; syncs are ${others.join(', ') || 'none but this'}`
  return { path, at: 'value', message, ...(hint === undefined ? {} : { hint }) }
}

/** Names from one sync round to itself, or `undefined` where every sync can run after those it waits for. */
function findCycle(syncs: readonly SyncDefinition[]): readonly string[] | undefined {
  const after = new Map(syncs.map((sync) => [sync.name, sync.after]))
  const done = new Set<string>()
  const visit = (name: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name]
    if (done.has(name)) return undefined
    for (const other of after.get(name) ?? []) {
      const cycle = visit(other, [...way, name])
      if (cycle) return cycle
    }
    done.add(name)
    return undefined
  }
  return syncs.map(({ name }) => visit(name, [])).find((cycle) => cycle !== undefined)
}

/** A mirror deletes what its source does not have: two of one target delete each other's rows unless their scopes differ. */
function checkMirrors(syncs: readonly SyncDefinition[]): readonly Problem[] {
  const byTarget = Map.groupBy(
    syncs.filter(({ mode }) => mode === 'mirror'),
    ({ to }) => `${identity(to.connection)}#${to.object}#${String(to.options?.sheet ?? '')}`,
  )
  return [...byTarget.values()].flatMap((mirrors) =>
    mirrors.flatMap((mirror, i) => mirrors.slice(0, i).flatMap((other) => overlap(mirror, other))),
  )
}

function overlap(mirror: SyncDefinition, other: SyncDefinition): readonly Problem[] {
  if (mirror.scope !== undefined && other.scope !== undefined && mirror.scope.trim() !== other.scope.trim()) return []
  const reason = mirror.scope !== undefined && other.scope !== undefined ? 'with the same scope' : 'and not both have a scope'
  return [
    {
      path: ['syncs', mirror.name],
      at: 'key',
      message: `syncs.${mirror.name} and syncs.${other.name} both mirror into one target ${reason}; each would delete the rows of the other`,
      hint: 'give each a `scope` that the other does not touch, or use the mode upsert',
    },
  ]
}
