import type { Connection, ConnectionConfiguration } from 'tedious'

/** The part of the driver that is used, typed by the driver itself. */
export type Driver = typeof import('tedious')
export type { Connection, ConnectionConfiguration }

let loaded: Promise<Driver> | undefined

/** tedious, loaded with the first connection: nobody else pays for it. */
export async function loadDriver(): Promise<Driver> {
  loaded ??= import('tedious')
  return await loaded
}
