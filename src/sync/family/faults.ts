/** What is wrong with single tables. */
export class Faults extends Error {
  readonly byTable: ReadonlyMap<string, unknown>

  constructor(byTable: ReadonlyMap<string, unknown>) {
    super('some tables cannot be written')
    this.byTable = byTable
  }
}
