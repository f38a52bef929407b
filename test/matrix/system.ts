import { parseType, type Type } from '../../src/core/types.ts'
import type { ConfigInput } from '../../src/index.ts'
import { edges, rarities } from '../contract/edges.ts'
import type { World } from '../e2e/world.ts'

/** One of a system's own types, with values at its edges. */
export interface Sample {
  /** As the system's DDL or format names it. */
  readonly name: string
  /** What its texts mean, so that two spellings of one value are known as one. */
  readonly type: Type
  /** Canonical texts (`core/canonical.ts`). */
  readonly values: readonly string[]
  /** Why nothing of it can be tried on the server at hand. */
  readonly untried?: string
}

/** A kind of system, as the matrix knows it: what it is called, and its types. */
export interface MatrixSystem {
  /** In file names and tests: `postgres`. */
  readonly id: string
  /** In the documentation: `PostgreSQL`. */
  readonly title: string
  /** Nothing where it can only be written. */
  readonly samples: readonly Sample[]
  /** Whether it can be written. */
  readonly target: boolean
  /** Canonical texts that it stores as another one that it takes as equal, by type kind, so that nothing can be refused. */
  readonly equates?: Readonly<Partial<Record<Type['kind'], Readonly<Record<string, string | null>>>>>
  /** Its columns are text once they are written, so that a second run may deliver what the first rejected as no value of its type. */
  readonly forgetsTypes?: true
  /** An empty one that may keep its files in the world's folder. */
  open(world: World): Promise<OpenSystem>
}

/** A system to be filled and looked at by its own means, past Syncline. */
export interface OpenSystem extends AsyncDisposable {
  readonly connection: NonNullable<ConfigInput['connections']>[string]
  /** What stands under `from` and under `to` beside the object. */
  readonly options?: { readonly from: object; readonly to: object }
  /** How an address names an object of this name. */
  object(name: string): string
  /** Makes an object of the rows. */
  create(name: string, table: SampleTable): Promise<void>
  read(name: string): Promise<FoundTable>
}

/** A column `id`, and one for each sample, named by {@link columnName}. */
export interface SampleTable {
  readonly samples: readonly Sample[]
  readonly rows: readonly SampleRow[]
}

/** A row in which one cell is not NULL: the rejects of one value hide nothing of another. */
export interface SampleRow {
  readonly id: number
  /** Position of the sample. */
  readonly sample: number
  /** Canonical text; `null` for the one row in which every cell is NULL. */
  readonly text: string | null
}

export interface FoundTable {
  /** Columns as the system describes them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Canonical texts, in the order of the columns. */
  readonly rows: readonly (readonly (string | null)[])[]
}

export function columnName(sample: number): string {
  return `c${sample}`
}

export function sampleTable(samples: readonly Sample[]): SampleTable {
  const rows = samples.flatMap(({ values, untried }, sample) =>
    untried === undefined ? values.map((text, at) => ({ id: (sample + 1) * 1000 + at, sample, text })) : [],
  )
  return { samples, rows: [{ id: 0, sample: 0, text: null }, ...rows] }
}

/** A sample of the values that the contract suite knows for a canonical type, and of those that few systems hold. */
export function sample(name: string, canonical: string, options: { readonly without?: readonly string[]; readonly rare?: boolean } = {}) {
  const lists = options.rare === false ? [edges] : [edges, rarities]
  const values = lists.flatMap((list) => list.filter((edge) => edge.name === canonical).flatMap((edge) => edge.texts))
  if (values.length === 0) throw new Error(`no edge values are known for ${canonical}`)
  return { name, type: parseType(canonical), values: values.filter((text) => !options.without?.includes(text)) } satisfies Sample
}

/** A sample of values that only this type has. */
export function own(name: string, type: string, ...values: readonly string[]): Sample {
  return { name, type: type === 'other' ? { kind: 'other' } : parseType(type), values }
}
