import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { type ConfigInput, type KeptReject, openSyncline, type Phase, type PlanResult, type RunResult } from '../../src/index.ts'

/** A folder of its own, and the SDK's door over it. */
export class World implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'syncline-e2e-'))

  path(name: string): string {
    return join(this.folder, name)
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(this.path(name), content)
  }

  /** Runs statements in a SQLite file, which is created where absent. */
  sqlite(name: string, ...statements: readonly string[]): void {
    const database = new DatabaseSync(this.path(name))
    for (const statement of statements) database.exec(statement)
    database.close()
  }

  /** The rows of a query as arrays; integers as bigint. */
  rows(name: string, query: string, ...values: readonly SQLInputValue[]): readonly unknown[] {
    const database = new DatabaseSync(this.path(name))
    const statement = database.prepare(query)
    statement.setReadBigInts(true)
    const rows = statement.all(...values).map((row) => Object.values(row))
    database.close()
    return rows
  }

  /** Runs the syncs of a config, one after the other; the results in that order. */
  async run(config: ConfigInput): Promise<readonly RunResult[]> {
    await using syncline = await openSyncline({ config, cwd: this.folder })
    return await syncline.run().results
  }

  /** Runs the one sync of a config. */
  async runOne(config: ConfigInput): Promise<RunResult> {
    return first(await this.run(config))
  }

  /** Runs the one sync of a config and tells of each phase as it comes to it. */
  async watchOne(config: ConfigInput, enters: (phase: Phase) => void | Promise<void>): Promise<RunResult> {
    await using syncline = await openSyncline({ config, cwd: this.folder })
    const activity = syncline.run()
    for await (const event of activity.events) if (event.type === 'progress') await enters(event.phase)
    return first(await activity.results)
  }

  async rejects(config: ConfigInput): Promise<readonly KeptReject[]> {
    await using syncline = await openSyncline({ config, cwd: this.folder })
    return await syncline.rejects()
  }

  async plan(config: ConfigInput): Promise<PlanResult> {
    await using syncline = await openSyncline({ config, cwd: this.folder })
    return first(await syncline.plan().results)
  }

  async verify(config: ConfigInput): Promise<PlanResult> {
    await using syncline = await openSyncline({ config, cwd: this.folder })
    return first(await syncline.verify().results)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function first<Item>(items: readonly Item[]): Item {
  const [item] = items
  if (item === undefined) throw new Error('expected one item, there is none')
  return item
}
