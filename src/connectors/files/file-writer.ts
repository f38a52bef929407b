import path from 'node:path'
import type { Logger } from '../../core/logger.ts'
import type { RowsForm } from '../../core/rows.ts'
import type { TableRef } from '../../core/table.ts'
import type { CommitProof, Writer, WriteSession } from '../connector.ts'
import type { Catalog, Opened } from './catalog.ts'
import { FileSession } from './file-session.ts'
import { isBook } from './format.ts'
import { contentOf } from './kept-content.ts'
import type { Stamp } from './stamp.ts'
import { findTarget } from './target.ts'
import type { Workspace } from './workspace.ts'

/** Writes whole files beside the ones they replace. */
export class FileWriter implements Writer {
  readonly accepts: readonly RowsForm[] = ['csv', 'file']
  readonly appliesChanges = false
  readonly #catalog: Catalog
  readonly #workspace: Workspace
  readonly #logger: Logger
  /** What snapshots saw last, by path: a target that is no longer so was changed by others. */
  readonly #seen = new Map<string, Stamp>()

  constructor(catalog: Catalog, workspace: Workspace, logger: Logger) {
    this.#catalog = catalog
    this.#workspace = workspace
    this.#logger = logger
  }

  /** Remembers what a snapshot saw. */
  noted(name: string, opened: Opened | undefined): Opened | undefined {
    if (opened) for (const [file, stamp] of opened.stamps) this.#seen.set(file, stamp)
    else this.#seen.set(path.resolve(this.#catalog.folder, name), 'absent')
    return opened
  }

  async checkRewrite(ref: TableRef): Promise<void> {
    const target = await findTarget(this.#catalog, ref)
    if (isBook(target.format)) (await import('./excel/write/refuse-loss.ts')).refuseLoss(target)
  }

  async begin(): Promise<WriteSession> {
    return new FileSession({ catalog: this.#catalog, workspace: this.#workspace, logger: this.#logger, seen: this.#seen })
  }

  async outcome(proof: CommitProof): Promise<'committed' | 'rolled back' | 'unknown'> {
    const files = Number(proof.files ?? 0)
    const found = new Set<'committed' | 'rolled back' | 'unknown'>()
    for (let index = 0; index < files; index++) found.add(await outcomeOf(proof, index))
    const [only] = found
    return only !== undefined && found.size === 1 ? only : 'unknown'
  }
}

async function outcomeOf(proof: CommitProof, index: number): Promise<'committed' | 'rolled back' | 'unknown'> {
  const file = String(proof[`path${index}`])
  const { digest, stamp } = await contentOf(file)
  if (digest === proof[`digest${index}`]) return 'committed'
  return stamp === proof[`former${index}`] ? 'rolled back' : 'unknown'
}
