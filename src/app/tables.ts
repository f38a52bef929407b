import type { SyncDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import type { PlanResult, RunResult } from '../core/run.ts'
import type { PlanOptions } from '../sync/plan-sync.ts'
import type { RunRequest, Services } from '../sync/services.ts'
import { selectSyncs } from './selection.ts'

/** Runs a sync; of one that stands for many tables there is a result each. */
export async function runTables(services: Services, asked: RunRequest, before: readonly RunResult[]): Promise<readonly RunResult[]> {
  if (asked.definition.family) return await (await import('../sync/family/run-family.ts')).runFamily(services, asked, before)
  return [await (await import('../sync/run-sync.ts')).runSync(services, asked, before)]
}

/** The same for what a run would change. */
export async function planTables(services: Services, asked: RunRequest, options: PlanOptions): Promise<readonly PlanResult[]> {
  if (asked.definition.family) return await (await import('../sync/family/plan-family.ts')).planFamily(services, asked, options)
  return [await (await import('../sync/plan-sync.ts')).planSync(services, asked, options)]
}

/** The sync of each table that a definition stands for now; of one that stands for itself, itself. */
export async function tablesOf(services: Services, definition: SyncDefinition): Promise<readonly SyncDefinition[]> {
  if (!definition.family) return [definition]
  const { tablesOf: expand } = await import('../sync/family/plan-family.ts')
  return await expand(services, { definition, signal: new AbortController().signal })
}

/** @throws ConfigError where a definition stands for more than one table. */
async function oneTableOf(services: Services, definition: SyncDefinition): Promise<SyncDefinition> {
  const [only, ...more] = await tablesOf(services, definition)
  if (only && more.length === 0) return only
  throw namesMany(
    definition.name,
    [only, ...more].map((table) => table?.name ?? ''),
  )
}

/** The sync of one table, by its name. @throws ConfigError where there is none, or where it stands for more than one. */
export async function selectTable(services: Services, syncs: readonly SyncDefinition[], name: string): Promise<SyncDefinition> {
  const [definition] = selectSyncs(syncs, { syncs: [name] })
  if (definition) return await oneTableOf(services, definition)
  throw new ConfigError({ code: 'UNKNOWN_SYNC', message: `no sync is named \`${name}\`` })
}

export function namesMany(family: string, tables: readonly string[] = []): ConfigError {
  return new ConfigError({
    code: 'MANY_TABLES',
    message: `\`${family}\` stands for many tables; expected one of them`,
    hint: tables.length === 0 ? `write ${family}/TABLE` : `they are ${tables.slice(0, 20).join(', ')}${tables.length > 20 ? ' …' : ''}`,
  })
}
