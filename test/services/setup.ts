import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { type RunningServer, startEmbeddedPostgres } from './embedded-postgres.ts'

/**
 * Vitest's global setup: tells test files where PostgreSQL is. Without `SYNCLINE_TEST_POSTGRES` the embedded server is
 * started when the first test asks for a database, once for the whole run, and stopped at its end.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let embedded: Promise<RunningServer> | undefined
  const desk = createServer((_request, response) => {
    embedded ??= startEmbeddedPostgres()
    embedded.then(
      (server) => response.end(server.url),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    )
  })
  project.provide('postgresDesk', await listen(desk))
  return async () => {
    desk.close()
    const server = await embedded?.catch(() => undefined)
    await server?.[Symbol.asyncDispose]()
  }
}

async function listen(desk: Server): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  desk.once('error', reject).listen(0, '127.0.0.1', resolve)
  await promise
  const { port } = desk.address() as AddressInfo
  return `http://127.0.0.1:${port}/`
}

declare module 'vitest' {
  interface ProvidedContext {
    /** A URL of this run whose answer is the URL of the embedded server. */
    readonly postgresDesk: string
  }
}
