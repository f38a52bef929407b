import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { installCommand } from './installed-command.ts'
import { mariadbPrograms, startPrivateMariadb } from './private-mariadb.ts'

/**
 * Vitest's global setup: tells test files where PostgreSQL, MySQL and the bundled command are. Without `SYNCLINE_TEST_POSTGRES` or
 * `SYNCLINE_TEST_MYSQL` a server of our own is started when the first test asks for a database, once for the whole run, and
 * stopped at its end.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await openDesk(startEmbeddedPostgres)
  const mysql = await openDesk(async () => await startPrivateMariadb(mariadbPrograms() ?? missing()))
  const command = await openDesk(installCommand)
  project.provide('commandDesk', command.url)
  project.provide('postgresDesk', postgres.url)
  project.provide('mysqlDesk', mysql.url)
  return async () => {
    await Promise.all([command.close(), postgres.close(), mysql.close()])
  }
}

/** What a whole run shares: where it is, and how it is done away with. */
type Handed = { readonly url: string } & AsyncDisposable

/** Answers with the URL of a server, or the path of a program, that is there from the first question on. */
async function openDesk(start: () => Promise<Handed>): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  let running: Promise<Handed> | undefined
  const desk = createServer((_request, response) => {
    running ??= start()
    running.then(
      (server) => response.end(server.url),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    )
  })
  return {
    url: await listen(desk),
    close: async () => {
      desk.close()
      const server = await running?.catch(() => undefined)
      await server?.[Symbol.asyncDispose]()
    },
  }
}

function missing(): never {
  throw new Error('no MariaDB is installed on this machine, and SYNCLINE_TEST_MYSQL names none')
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
    /** A URL of this run whose answer is the path of the bundled command. */
    readonly commandDesk: string
    /** A URL of this run whose answer is the URL of the embedded server. */
    readonly postgresDesk: string
    /** The same of the private MariaDB. */
    readonly mysqlDesk: string
  }
}
