import type { Duplex } from 'node:stream'
import type { Connection } from 'mysql2'

/**
 * The parts of the driver that it does not name in its types (mysql2 3.24). Rows are read off the wire: the driver would make
 * a packet, and then a value of each cell, which costs about four times as much.
 */
export interface Wire {
  readonly stream: Duplex
  /** What every chunk of the socket is given to, encrypted or not. */
  packetParser: PacketParser
  /** The number that the next packet has to have. */
  sequenceId: number
}

export interface PacketParser {
  execute(chunk: Buffer): void
}

/** A query under way: `next` takes the next packet, and is `row` once all that follow are rows. */
export interface QueryUnderWay {
  readonly next: unknown
  readonly row: unknown
}

export function wireOf(connection: Connection): Wire {
  return connection as unknown as Wire
}

export function underWay(query: unknown): QueryUnderWay {
  return query as QueryUnderWay
}
