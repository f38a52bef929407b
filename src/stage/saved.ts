import type { ChangeSample } from '../core/run.ts'
import { identifier, literal } from '../duckdb/sql.ts'
import { kindsOf, knownBy, textOf, translatedTexts } from './change-texts.ts'
import { ComparedRelations } from './compared.ts'
import type { StillSame } from './contract.ts'
import type { Engine } from './engine.ts'
import { type Translation, translated } from './translated.ts'

/** Writes changes as texts into a DuckDB file, which comes into being where it is not there, and beside them what there is to say of them. */
export async function saveChanges(
  engine: Engine,
  compared: ComparedRelations,
  path: string,
  about: string,
  translation?: Translation,
): Promise<void> {
  const texts = await translatedTexts(engine, compared, translation)
  await withFile(engine, path, '', async (file) => {
    await engine.run(`CREATE TABLE IF NOT EXISTS ${file}.plans (number INTEGER, about VARCHAR)`)
    const [[number = '0'] = []] = await engine.texts(`SELECT count(*) FROM ${file}.plans`)
    await engine.run(`CREATE TABLE ${file}.changes_${number} AS FROM ${texts}`)
    await engine.run(`INSERT INTO ${file}.plans VALUES (${number}, ${literal(about)})`)
  })
}

/** What was said of each set of changes in a file, in their order. */
export async function savedChanges(engine: Engine, path: string): Promise<readonly string[]> {
  return await withFile(engine, path, ' (READ_ONLY)', async (file) => {
    const rows = await engine.texts(`SELECT about FROM ${file}.plans ORDER BY number`)
    return rows.map(([about]) => about ?? '')
  })
}

/** The columns of the images of saved changes, in their order. */
export interface SavedImages {
  readonly after: readonly string[]
  readonly before: readonly string[]
}

/** Up to `limit` saved changes of each kind: the cells that are written, as they were and as they are to be. */
export async function savedSamples(
  engine: Engine,
  path: string,
  number: number,
  { after, before }: SavedImages,
  limit: number,
): Promise<readonly ChangeSample[]> {
  const wanted = after.map((_, at) => `a${at}`)
  const there = after.map((name) => (before.includes(name) ? `b${before.indexOf(name)}` : 'NULL::VARCHAR'))
  return await withFile(engine, path, ' (READ_ONLY)', async (file) => {
    const samples: ChangeSample[] = []
    for (const kind of ['insert', 'update', 'delete'] as const) {
      const rows = await engine.texts(
        `SELECT ${[...wanted, ...there].join(', ')} FROM ${file}.changes_${number} WHERE kind = '${kind}' LIMIT ${limit}`,
      )
      for (const row of rows)
        samples.push({
          kind,
          after: kind === 'delete' ? null : row.slice(0, after.length),
          before: kind === 'insert' ? null : row.slice(after.length),
        })
    }
    return samples
  })
}

/** The changes of those rows alone that saved ones are about, and whether they are the same still. */
export async function asSaved(
  engine: Engine,
  compared: ComparedRelations,
  path: string,
  number: number,
  translation?: Translation,
): Promise<StillSame<ComparedRelations>> {
  return await withFile(engine, path, ' (READ_ONLY)', async (file) => {
    const saved = `${file}.changes_${number}`
    const kept = await keepOnly(engine, compared, saved, translation)
    const now = engine.name('now')
    await engine.run(`CREATE TABLE ${identifier(now)} AS FROM ${await translatedTexts(engine, kept, translation)}`)
    const moved = await countMoved(engine, kept, { now: identifier(now), saved })
    await engine.drop(now)
    return { compared: kept, moved }
  })
}

async function keepOnly(
  engine: Engine,
  compared: ComparedRelations,
  saved: string,
  translation: Translation | undefined,
): Promise<ComparedRelations> {
  const kinds = kindsOf(compared)
  if (kinds.length === 0) return compared
  const table = engine.name('kept')
  const parts: string[] = []
  for (const kind of kinds) {
    const key = knownBy(compared, kind)
    const texts = key.map((cell, index) => `${textOf(cell, 'd.')} AS "#k${index}"`)
    const known = `(SELECT d.*, ${texts.join(', ')} FROM ${compared.parts.from} AS d WHERE d.kind = '${kind}')`
    const columns = key.map(({ column }, index) => ({ name: `"#k${index}"`, column: column.name }))
    const same = key.map((_, index) => `s.k${index} IS NOT DISTINCT FROM d."#k${index}"`)
    const without = key.map((_, index) => `"#k${index}"`).join(', ')
    parts.push(
      `SELECT d.* EXCLUDE (${without}) FROM ${await translated(engine, known, columns, translation)} AS d WHERE EXISTS (SELECT 1 FROM ${saved} AS s WHERE ${same.join(' AND ')})`,
    )
  }
  await engine.run(`CREATE TABLE ${identifier(table)} AS ${parts.join(' UNION ALL BY NAME ')}`)
  const [counts = []] = await engine.texts(
    `SELECT ${['insert', 'update', 'delete'].map((kind) => `count(*) FILTER (kind = '${kind}')`).join(', ')} FROM ${identifier(table)}`,
  )
  const [inserts = 0, updates = 0, deletes = 0] = counts.map(Number)
  return new ComparedRelations(engine, { ...compared.parts, from: identifier(table), inserts, updates, deletes })
}

/** Rows of the saved changes that are not the same changes any more, by what moved; both lists are compared as wholes besides. */
async function countMoved(
  engine: Engine,
  compared: ComparedRelations,
  { now, saved }: Record<'now' | 'saved', string>,
): Promise<StillSame['moved']> {
  const { keys, written, read } = compared.parts
  const different = `SELECT count(*) FROM ((FROM ${saved} EXCEPT ALL FROM ${now}) UNION ALL (FROM ${now} EXCEPT ALL FROM ${saved}))`
  const [[differing = '0'] = []] = await engine.texts(different)
  if (differing === '0') return undefined
  const known = keys.length > 0 ? keys : written
  const same = known.map((_, index) => `s.k${index} IS NOT DISTINCT FROM n.k${index}`).join(' AND ')
  const apart = (side: 'a' | 'b', columns: readonly unknown[]) =>
    columns.map((_, index) => `s.${side}${index} IS DISTINCT FROM n.${side}${index}`)
  const there = read.filter(({ target }) => target !== undefined)
  const target = [`(s.kind = 'insert') <> (n.kind = 'insert')`, ...apart('b', there)].join(' OR ')
  const source = [`(s.kind = 'delete') <> (n.kind = 'delete')`, ...apart('a', written)].join(' OR ')
  const [counts = []] = await engine.texts(`SELECT count(*) FILTER (n.kind IS NULL), count(*) FILTER (n.kind IS NOT NULL AND (${target})),
    count(*) FILTER (n.kind IS NOT NULL AND (${source})) FROM ${saved} AS s LEFT JOIN ${now} AS n ON ${same}`)
  const [settled = 0, ofTarget = 0, ofSource = 0] = counts.map(Number)
  return { settled, target: ofTarget, source: ofSource }
}

async function withFile<Result>(engine: Engine, path: string, options: string, work: (name: string) => Promise<Result>): Promise<Result> {
  const name = identifier(engine.name('file'))
  await engine.run(`ATTACH ${literal(path)} AS ${name}${options}`)
  try {
    return await work(name)
  } finally {
    await engine.run(`DETACH ${name}`)
  }
}
