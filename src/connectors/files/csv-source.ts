import { NotDirectError, type RunError } from '../../core/errors.ts'
import type { Relation, Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { isUtf8Label, utf8Bytes } from './content.ts'
import { type Cells, cellsOf } from './csv-cells.ts'
import { type CsvHead, csvColumns, isDefault, readCsvHead } from './csv-head.ts'
import { type CsvFacts, CsvScan, scanned, scannedRows } from './csv-scan.ts'
import type { Dataset } from './dataset.ts'
import { emptyRelation, emptyRows } from './empty.ts'
import { malformed } from './file-errors.ts'
import { type CsvFiles, selectCsv } from './read-csv.ts'
import { isWhole, type Source, type Wanted } from './source.ts'
import { sizeOf } from './stamp.ts'
import type { Workspace } from './workspace.ts'
import { writeChunks } from './write-chunks.ts'

/** Opens CSV files as one dataset. @throws RunError where their headers differ or name a column twice. */
export async function openCsv(dataset: Dataset, workspace: Workspace): Promise<CsvSource> {
  const [file, ...others] = dataset.files
  if (!file) throw malformed({ file: dataset.name }, 'expected at least one file')
  const first = await readCsvHead(file, dataset.options, workspace.signal)
  const heads = [first]
  for (const other of others) {
    const head = await readCsvHead(other, dataset.options, workspace.signal, first)
    checkSameHeader(first, head)
    heads.push(head)
  }
  return new CsvSource(dataset, first, heads, workspace)
}

/** CSV files, opened. */
export class CsvSource implements Source {
  readonly columns: readonly Column[]
  /** What the first file's beginning tells; the others are written alike. */
  readonly head: CsvHead
  readonly #names: readonly string[]
  readonly #heads: readonly CsvHead[]
  readonly #nulls: readonly string[]
  readonly #workspace: Workspace
  readonly #facts = new Map<CsvHead, Promise<CsvFacts>>()
  readonly #plain: boolean

  constructor(dataset: Dataset, head: CsvHead, heads: readonly CsvHead[], workspace: Workspace) {
    this.head = head
    this.#heads = heads
    this.#names = head.names
    this.columns = csvColumns(this.#names, dataset)
    this.#nulls = dataset.options.nulls ?? ['']
    this.#workspace = workspace
    const { nulls, columns } = dataset.options
    this.#plain = nulls === undefined && Object.keys(columns).length === 0 && heads.every(isDefault)
  }

  async count(): Promise<number> {
    let rows = 0
    for (const head of this.#heads) rows += (await this.#factsOf(head)).rows
    return rows
  }

  /** What walking the first file to its end tells. */
  async facts(): Promise<CsvFacts> {
    return await this.#factsOf(this.head)
  }

  /** The rows of the first file, some thousand at a time. */
  cells(): AsyncIterable<readonly Cells[]> {
    return cellsOf(scannedRows(this.#text(this.head), this.#scan(this.head)), this.head.dialect, this.#nulls)
  }

  rows(wanted: Wanted): Rows {
    if (this.#names.length === 0) return emptyRows(wanted.columns)
    // A single column would leave it open whether a blank line is a row, and `\.` would end PostgreSQL's COPY (rule 9).
    const bytes = this.#plain && this.columns.length > 1 && isWhole(this.columns, wanted)
    return {
      columns: wanted.columns.map(({ name, nullable }) => ({ name, type: { kind: 'text' }, nullable, untyped: true })),
      ...(bytes ? { csv: () => [this.#csv()] } : {}),
      relation: () => this.#relation(wanted),
    }
  }

  async *#csv(): AsyncGenerator<Uint8Array> {
    for (const head of this.#heads) {
      const scan = this.#scan(head)
      for await (const rows of scannedRows(this.#text(head), scan)) {
        if (scan.facts.loose) throw loosely(head)
        yield rows
      }
      this.#finish(head, scan)
    }
  }

  async #relation(wanted: Wanted): Promise<Relation> {
    const copies: string[] = []
    const release = async () => void (await Promise.all(copies.splice(0).map((copy) => this.#workspace.remove(copy))))
    try {
      const files: CsvFiles[] = []
      let left = wanted.limit ?? Infinity
      for (const head of this.#heads) {
        if (left <= 0) break
        const limited = wanted.limit !== undefined
        const { file, rows } =
          (limited ? undefined : await this.#inPlace(head)) ?? (await this.#copy(head, copies, limited ? left : undefined))
        files.push(file)
        left -= rows
      }
      if (files.length === 0) return { ...emptyRelation(wanted.columns), release }
      const sql = selectCsv(
        grouped(files),
        this.#names,
        wanted.columns.map((c) => c.name),
      )
      return { sql, cells: 'text', bytes: await sizeOf(files.flatMap((file) => file.paths)), release }
    } catch (thrown) {
      await release()
      throw thrown
    }
  }

  /** The file as DuckDB reads it where it lies, or `undefined` where it cannot. */
  async #inPlace(head: CsvHead): Promise<{ readonly file: CsvFiles; readonly rows: number } | undefined> {
    if (head.compression !== 'none' || !isUtf8Label(head.encoding)) return undefined
    const facts = await this.#factsOf(head)
    if (!readsInPlace(facts)) return undefined
    return { file: { paths: [head.file.path], dialect: head.dialect, header: head.header, nulls: this.#nulls, facts }, rows: facts.rows }
  }

  /** The rows of a file as UTF-8 with LF in a temporary file. */
  async #copy(head: CsvHead, copies: string[], limit?: number): Promise<{ readonly file: CsvFiles; readonly rows: number }> {
    const path = this.#workspace.temporaryFile('csv')
    copies.push(path)
    const scan = this.#scan(head, limit)
    await writeChunks(path, scannedRows(this.#text(head), scan))
    const { facts } = scan
    this.#finish(head, scan)
    if (limit === undefined) this.#facts.set(head, Promise.resolve(facts))
    const file: CsvFiles = {
      paths: [path],
      dialect: head.dialect,
      header: false,
      nulls: this.#nulls,
      facts: { ...facts, newlines: ['lf'] },
    }
    return { file, rows: facts.rows }
  }

  async #factsOf(head: CsvHead): Promise<CsvFacts> {
    let walking = this.#facts.get(head)
    if (walking === undefined) {
      walking = this.#walk(head)
      this.#facts.set(head, walking)
      walking.catch(() => this.#facts.delete(head))
    }
    return await walking
  }

  async #walk(head: CsvHead): Promise<CsvFacts> {
    const scan = this.#scan(head)
    const facts = await scanned(this.#text(head), scan)
    this.#finish(head, scan)
    return facts
  }

  #scan(head: CsvHead, limit?: number): CsvScan {
    const fields = Math.max(this.#names.length, 1)
    return new CsvScan({
      file: head.file.name,
      dialect: head.dialect,
      fields,
      header: head.header,
      ...(limit === undefined ? {} : { limit }),
    })
  }

  #finish(head: CsvHead, scan: CsvScan): void {
    if (scan.complete || this.#names.length === 0) return
    throw malformed({ file: head.file.name }, 'expected a header line, found an empty file', 'leave the file out, or write its header')
  }

  #text({ file, compression, encoding }: CsvHead): AsyncIterable<Uint8Array> {
    return utf8Bytes(file, { compression, encoding }, this.#workspace.signal)
  }
}

/** DuckDB stumbles over the rest (seen with 1.5.6). */
function readsInPlace({ newlines, blankStart, padded, innerNewlines }: CsvFacts): boolean {
  return newlines.length <= 1 && !blankStart && !padded && (!innerNewlines || newlines.includes('lf'))
}

/** One call reads all files that are written alike. */
function grouped(files: readonly CsvFiles[]): readonly CsvFiles[] {
  const groups = new Map<string, CsvFiles>()
  for (const file of files) {
    const key = JSON.stringify([file.dialect, file.header, file.facts.newlines, file.facts.innerNewlines])
    const group = groups.get(key)
    const longest = Math.max(file.facts.longest, group?.facts.longest ?? 0)
    groups.set(key, { ...file, paths: [...(group?.paths ?? []), ...file.paths], facts: { ...file.facts, longest } })
  }
  return [...groups.values()]
}

function checkSameHeader(first: CsvHead, other: CsvHead): void {
  const missing = first.names.filter((name) => !other.names.includes(name))
  const added = other.names.filter((name) => !first.names.includes(name))
  const sameOrder = first.names.every((name, index) => other.names[index] === name)
  if (missing.length === 0 && added.length === 0 && sameOrder) return
  const differences = [
    ...(missing.length > 0 ? [`it lacks ${missing.join(', ')}`] : []),
    ...(added.length > 0 ? [`it adds ${added.join(', ')}`] : []),
    ...(missing.length + added.length === 0 ? [`their order is ${other.names.join(', ')}`] : []),
  ]
  throw differentColumns(first, other, differences.join('; '))
}

function differentColumns(first: CsvHead, other: CsvHead, difference: string): RunError {
  return malformed(
    { file: other.file.name },
    `expected the columns of ${first.file.name} in the same order: ${difference}`,
    'files of one dataset have one header; name a narrower glob',
  )
}

function loosely(head: CsvHead): NotDirectError {
  return new NotDirectError({
    code: 'NOT_PROFILE',
    message: `${head.file.name} holds quotes that readers take differently, so its bytes are not passed on as they are`,
  })
}
