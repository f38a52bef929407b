import type { Config } from '../config/config.ts'
import { identity } from '../config/lazily.ts'
import type { Endpoint } from '../connectors/connector.ts'
import { formatAmount } from '../core/count.ts'
import type { ConnectionDefinition, SyncDefinition } from '../core/definition.ts'
import { RunError, toSynclineError } from '../core/errors.ts'
import { checkSync as lookAtEnds } from '../sync/check-sync.ts'
import { describeEnds, endNames, type Work } from '../sync/ends.ts'
import { type OpenEndpoints, openEndpoints } from './endpoints.ts'

export interface CheckReport {
  readonly connections: readonly ConnectionReport[]
  readonly syncs: readonly SyncReport[]
}

interface Verdict {
  readonly ok: boolean
  /** What was found, or the error's message. */
  readonly summary: string
  readonly hint?: string
}

export interface ConnectionReport extends Verdict {
  readonly connection: string
  readonly type: string
}

export interface SyncReport extends Verdict {
  readonly sync: string
}

/** Opens every connection of a config, and those its syncs spell out, once each, and looks at both ends of every sync. */
export async function checkConfig(config: Config): Promise<CheckReport> {
  const { connections, syncs } = config
  await using endpoints = await openEndpoints(config)
  const opened = await Promise.all([...connections].map(([name, connection]) => checkConnection(name, connection, endpoints)))
  const described: SyncReport[] = []
  for (const definition of syncs) described.push(await checkSync(definition, syncs, endpoints))
  return { connections: opened, syncs: described }
}

async function checkConnection(name: string, connection: ConnectionDefinition, endpoints: OpenEndpoints): Promise<ConnectionReport> {
  const report = { connection: name, type: '' }
  const verdict = await judge(async () => {
    report.type = connection.type
    return (await endpoints.open(connection)).summary
  })
  return { ...report, ...verdict }
}

async function checkSync(definition: SyncDefinition, syncs: readonly SyncDefinition[], endpoints: OpenEndpoints): Promise<SyncReport> {
  const maker = makerOf(definition, syncs)
  const verdict = await judge(async () => {
    const [source, target] = await Promise.all([endpoints.open(definition.from.connection), endpoints.open(definition.to.connection)])
    return await describeSync(definition, source, target, endpoints, maker)
  })
  return { sync: definition.name, ...verdict }
}

async function describeSync(
  definition: SyncDefinition,
  source: Endpoint,
  target: Endpoint,
  { temporaryDirectory: directory, signal }: OpenEndpoints,
  maker: SyncDefinition | undefined,
): Promise<string> {
  const { from, to } = endNames(definition)
  const work: Work = { definition, source, target, directory, signal, progress: () => {} }
  if (definition.family) return `${from} → ${to}, ${await describeFamily(work)}`
  // What the sync before it writes may have other columns by then.
  const ends = await (maker ? describeEnds(work) : lookAtEnds(work)).catch((error: unknown) => {
    if (maker && error instanceof RunError && /_NOT_FOUND$/.test(error.code)) return undefined
    throw error
  })
  if (!ends) return `${from} → ${to}, whose source \`${maker?.name}\` will create`
  return `${from} → ${to}${ends.target ? '' : ', which will be created'}`
}

async function describeFamily(work: Work): Promise<string> {
  const { checkFamily } = await import('../sync/family/check-family.ts')
  const tables = await checkFamily(work)
  const created = tables.filter(({ target }) => target === undefined).length
  return `${formatAmount(tables.length, 'table')}${created === 0 ? '' : `, ${created === tables.length ? 'which' : `${created} of which`} will be created`}`
}

/** The sync before this one that writes what this one reads. */
function makerOf({ from, after }: SyncDefinition, syncs: readonly SyncDefinition[]): SyncDefinition | undefined {
  return syncs.find(
    ({ name, to }) => after.includes(name) && to.object === from.object && identity(to.connection) === identity(from.connection),
  )
}

async function judge(look: () => Promise<string>): Promise<Verdict> {
  try {
    return { ok: true, summary: await look() }
  } catch (thrown) {
    const { message, hint } = toSynclineError(thrown)
    return { ok: false, summary: message, ...(hint === undefined ? {} : { hint }) }
  }
}
