import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context, Endpoint } from '../connectors/connector.ts'
import { openConnector } from '../connectors/registry.ts'
import type { ConnectionDefinition } from '../core/definition.ts'
import { type Logger, silentLogger } from '../core/logger.ts'

/** Opens a connection; its connector's code is loaded by that. */
export async function openEndpoint(
  { name, type, options }: ConnectionDefinition,
  baseDirectory: string,
  context: Omit<Context, 'connection' | 'baseDirectory'>,
): Promise<Endpoint> {
  return await openConnector(type, options, { ...context, connection: name, baseDirectory })
}

/** Opens a connection for one look at it, and closes it afterwards. */
export async function withEndpoint<Result>(
  connection: ConnectionDefinition,
  baseDirectory: string,
  look: (endpoint: Endpoint) => Promise<Result>,
  logger: Logger = silentLogger,
): Promise<Result> {
  await using opened = new AsyncDisposableStack()
  const temporaryDirectory = await mkdtemp(join(tmpdir(), 'syncline-'))
  opened.defer(() => rm(temporaryDirectory, { recursive: true, force: true }))
  const signal = new AbortController().signal
  return await look(opened.use(await openEndpoint(connection, baseDirectory, { temporaryDirectory, signal, logger })))
}
