import { ConfigError } from '../../core/errors.ts'
import type { TableRef } from '../../core/table.ts'
import { openCsv } from './csv-source.ts'
import { type Dataset, findDataset } from './dataset.ts'
import { withFile } from './file-errors.ts'
import { openJson } from './json-source.ts'
import { openParquet } from './parquet-source.ts'
import type { Source } from './source.ts'
import { type Stamp, stampOf } from './stamp.ts'
import type { Workspace } from './workspace.ts'

/** A dataset as it was when it was opened. */
export interface Opened {
  readonly dataset: Dataset
  readonly source: Source
  /** By path. */
  readonly stamps: ReadonlyMap<string, Stamp>
}

/** Opens objects of one folder and keeps what was found out about them for as long as their files stay the same. */
export class Catalog {
  readonly folder: string
  readonly #workspace: Workspace
  readonly #opened = new Map<string, Opened>()

  constructor(folder: string, workspace: Workspace) {
    this.folder = folder
    this.#workspace = workspace
  }

  /** @returns `undefined` where no file has that name. */
  async open(ref: TableRef): Promise<Opened | undefined> {
    const dataset = await findDataset(this.folder, ref)
    return dataset && (await this.openDataset(dataset, JSON.stringify([ref.name, ref.options ?? {}])))
  }

  /** As `open`, and `undefined` also where a book is there and its sheet is not: a target's is made then. */
  async find(ref: TableRef): Promise<Opened | undefined> {
    return await unlessNoSheet(this.open(ref))
  }

  /** As `openDataset`, and `undefined` where its book lacks the sheet. */
  async findIn(dataset: Dataset, key: string): Promise<Opened | undefined> {
    return await unlessNoSheet(this.openDataset(dataset, key))
  }

  async openDataset(dataset: Dataset, key: string): Promise<Opened> {
    const stamps = await stampsOf(dataset)
    const known = this.#opened.get(key)
    if (known && sameStamps(known.stamps, stamps)) return known
    const opened = { dataset, source: await this.#source(dataset), stamps }
    this.#opened.set(key, opened)
    return opened
  }

  /** Forgets what is known of files: a file written in the same instant as the one before may look the same. */
  forget(): void {
    this.#opened.clear()
  }

  async #source(dataset: Dataset): Promise<Source> {
    switch (dataset.format) {
      case 'csv':
        return await openCsv(dataset, this.#workspace)
      case 'parquet':
        return await openParquet(dataset, this.#workspace)
      case 'xlsx':
      case 'xls':
      case 'ods':
        return await (await import('./excel/excel-source.ts')).openExcel(dataset, this.#workspace)
      default:
        return await openJson(dataset, this.#workspace)
    }
  }
}

async function unlessNoSheet(opening: Promise<Opened | undefined>): Promise<Opened | undefined> {
  try {
    return await opening
  } catch (thrown) {
    if (thrown instanceof ConfigError && thrown.code === 'UNKNOWN_SHEET') return undefined
    throw thrown
  }
}

async function stampsOf({ files }: Dataset): Promise<ReadonlyMap<string, Stamp>> {
  const stamps = new Map<string, Stamp>()
  for (const { path, name } of files) stamps.set(path, await withFile(name, () => stampOf(path)))
  return stamps
}

function sameStamps(a: ReadonlyMap<string, Stamp>, b: ReadonlyMap<string, Stamp>): boolean {
  return a.size === b.size && [...a].every(([path, stamp]) => b.get(path) === stamp)
}
