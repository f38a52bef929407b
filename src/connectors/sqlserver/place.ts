/** Where something went wrong, for messages. */
export interface Place {
  /** The connection's name. */
  readonly connection: string
  /** `host:port/database`. */
  readonly server: string
  readonly user: string
}
