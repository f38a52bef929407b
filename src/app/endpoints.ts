import { dirname, join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { Context, Endpoint } from '../connectors/connector.ts'
import { openConnector } from '../connectors/registry.ts'
import type { ConnectionDefinition } from '../core/definition.ts'
import { silentLogger } from '../core/logger.ts'
import { openTemporaryDirectory } from '../state/temporary.ts'

/** Where paths begin, and where what is kept lies. */
type Home = Pick<Config, 'directory' | 'statePath'>

/** Opens a connection; its connector's code is loaded by that. */
export async function openEndpoint(
  { name, type, options }: ConnectionDefinition,
  { directory, statePath }: Home,
  context: Omit<Context, 'connection' | 'baseDirectory' | 'loginDirectory'>,
): Promise<Endpoint> {
  const loginDirectory = join(dirname(statePath), 'logins')
  return await openConnector(type, options, { ...context, connection: name, baseDirectory: directory, loginDirectory })
}

/** Opens a connection for one look at it, and closes it afterwards. */
export async function withEndpoint<Result>(
  connection: ConnectionDefinition,
  home: Home,
  look: (endpoint: Endpoint) => Promise<Result>,
): Promise<Result> {
  await using endpoints = await openEndpoints(home)
  return await look(await endpoints.open(connection))
}

/** Connections that are open at the same time, each of them once; all are closed together. */
export interface OpenEndpoints extends AsyncDisposable {
  open(connection: ConnectionDefinition): Promise<Endpoint>
  readonly temporaryDirectory: string
  readonly signal: AbortSignal
}

export async function openEndpoints(home: Home): Promise<OpenEndpoints> {
  const stack = new AsyncDisposableStack()
  const { path: temporaryDirectory } = stack.use(await openTemporaryDirectory())
  const { signal } = new AbortController()
  const opened = new Map<ConnectionDefinition, Promise<Endpoint>>()
  const open = async (connection: ConnectionDefinition) =>
    stack.use(await openEndpoint(connection, home, { temporaryDirectory, signal, logger: silentLogger }))
  return {
    temporaryDirectory,
    signal,
    open: (connection) => {
      const endpoint = opened.get(connection) ?? open(connection)
      opened.set(connection, endpoint)
      return endpoint
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled(opened.values())
      await stack.disposeAsync()
    },
  }
}
