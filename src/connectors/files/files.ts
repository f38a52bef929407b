import { stat } from 'node:fs/promises'
import path from 'node:path'
import { ConfigError, RunError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import type { Column, Table, TableRef } from '../../core/table.ts'
import type { Connector, Context, Endpoint, Reader, Traits, Writer } from '../connector.ts'
import { adoptedColumn } from './adopt.ts'
import { Catalog } from './catalog.ts'
import { withFile } from './file-errors.ts'
import { FileSnapshot } from './file-snapshot.ts'
import { FileWriter } from './file-writer.ts'
import { listFiles } from './locate.ts'
import { Workspace } from './workspace.ts'

export interface FilesOptions {
  /** The folder that holds the files, or one of them. */
  readonly path: string
}

/** Files in a folder: CSV and TSV, JSON, NDJSON, Parquet, books of Excel. An object is the name of a file in it, or a glob. */
export const files: Connector<FilesOptions> = {
  name: 'files',
  parseOptions,
  async open({ path: given }, context) {
    const folder = await openFolder(path.resolve(context.baseDirectory, given), given)
    return new FilesEndpoint(folder, context)
  },
}

function parseOptions(input: Readonly<Record<string, unknown>>): FilesOptions {
  const unknown = Object.keys(input).find((name) => name !== 'path')
  if (unknown !== undefined) {
    const hint = nearest(unknown, ['path'])
      ? 'did you mean `path`?'
      : 'its only option is `path`; `delimiter` and the like belong under `from` and `to`'
    throw new ConfigError({ code: 'UNKNOWN_OPTION', message: `\`${unknown}\` is not an option of a folder of files`, hint })
  }
  if (typeof input.path !== 'string' || input.path === '') {
    throw new ConfigError({ code: 'BAD_OPTION', message: '`path`: expected the path of a folder, found none' })
  }
  return { path: input.path }
}

interface Folder {
  readonly path: string
  /** As the user named it. */
  readonly name: string
  readonly exists: boolean
}

/** A folder that is not there yet is created by the first write, if the one above it is there. */
async function openFolder(folder: string, name: string): Promise<Folder> {
  const found = await kindOf(folder, name)
  if (found === 'file') return { path: path.dirname(folder), name, exists: true }
  if (found === 'folder') return { path: folder, name, exists: true }
  if ((await kindOf(path.dirname(folder), name)) === 'folder') return { path: folder, name, exists: false }
  throw new RunError({
    code: 'FOLDER_NOT_FOUND',
    message: `the folder ${name} does not exist, nor does the one above it`,
    hint: 'check the path; it is relative to the config, or on the command line to the working directory',
  })
}

async function kindOf(place: string, name: string): Promise<'file' | 'folder' | 'nothing'> {
  return await withFile(name, async () => {
    try {
      return (await stat(place)).isDirectory() ? 'folder' : 'file'
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return 'nothing'
      throw thrown
    }
  })
}

class FilesEndpoint implements Endpoint {
  readonly traits: Traits = {
    atomicity: 'table',
    consistentReads: true,
    parallelReads: 1,
    readsDuringWrite: true,
    judgesRows: false,
    globs: 'dataset',
  }
  readonly summary: string
  readonly reader: Reader
  readonly writer: Writer
  readonly #folder: Folder
  readonly #workspace: Workspace
  readonly #catalog: Catalog
  readonly #end: Context['end']

  constructor(folder: Folder, context: Context) {
    const workspace = new Workspace(context)
    const catalog = new Catalog(folder.path, workspace)
    this.#folder = folder
    this.#workspace = workspace
    this.#catalog = catalog
    this.#end = context.end
    this.summary = `files in ${folder.name}${folder.exists ? '' : ' (created by the first write)'}: CSV, JSON, NDJSON, Parquet, Excel, read and write`
    const writer = new FileWriter(catalog, workspace, context.logger)
    this.writer = writer
    this.reader = { snapshot: async () => new FileSnapshot(async (ref) => writer.noted(ref.name, await catalog.open(ref))) }
  }

  async listTables(pattern?: string): Promise<readonly TableRef[]> {
    const names = await withFile(this.#folder.name, () => listFiles(this.#folder.path, pattern))
    return names.map((name) => ({ name }))
  }

  async describe(ref: TableRef): Promise<Table | undefined> {
    const opened = await this.#catalog.find(ref)
    if (!opened) return undefined
    const { columns, estimate, whyEmpty } = opened.source
    // A target's rows may begin where nothing is yet.
    if (whyEmpty !== undefined && this.#end !== 'target') {
      const hint = 'nothing was changed; name the rows and columns that the sheet has, or leave the option out'
      throw new ConfigError({ code: 'BAD_RANGE', message: `${ref.name}: ${whyEmpty}`, hint })
    }
    return { ref, kind: 'file', columns, key: [], uniques: [], ...(estimate === undefined ? {} : { rows: estimate }) }
  }

  adopt(column: Column, ref: TableRef): Column {
    return adoptedColumn(column, ref)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workspace[Symbol.asyncDispose]()
  }
}
