import type { Duplex } from 'node:stream'
import type { Connection } from 'mysql2'

/**
 * The parts of the driver that it does not name in its types (mysql2 3.24): the socket, and what a query does with the packet
 * of a row. Rows are read where they lie in the packet; the driver would make a value of each cell, which costs four to five
 * times as much.
 */
export interface Wire {
  readonly stream: Duplex
}

export interface Packet {
  readonly buffer: Buffer
  /** Where the payload begins and ends in the buffer. */
  readonly offset: number
  readonly end: number
  isEOF(): boolean
}

/** Takes one packet of a result; what it returns takes the next. */
export type TakePacket = (this: RowQuery, packet: Packet, connection: unknown) => unknown

export interface RowQuery {
  row: TakePacket
}

export function wireOf(connection: Connection): Wire {
  return connection as unknown as Wire
}

export function rowQuery(query: unknown): RowQuery {
  return query as RowQuery
}
