import type { Column } from '../../core/table.ts'
import { Turns } from '../sql/turns.ts'
import { geometries } from './cells.ts'
import { isSameDocument } from './documents.ts'
import { isRefusal } from './errors.ts'
import { type Judged, KeyForms } from './key-forms.ts'
import { exactCollation } from './server.ts'
import type { Session } from './session.ts'
import { identifier, literal } from './sql.ts'
import { adopt, isCollated } from './types.ts'

/** Asks MySQL how columns store texts: a temporary column of the type takes them, or does not, and shows what it took. */
export class Judge {
  readonly #session: Session
  /** Tables that are read side by side ask by the same temporary tables. */
  readonly #turns = new Turns()
  readonly #tables = new Map<string, Promise<string>>()
  readonly #keyForms = new Map<string, Promise<KeyForms>>()

  constructor(session: Session) {
    this.#session = session
  }

  /** The texts as a column of this type would store and show them, `null` for one that it refuses or would take only by changing it. */
  async canonicalize(column: Column, texts: readonly string[]): Promise<readonly (string | null)[]> {
    using _turn = await this.#turns.hold()
    const judged = this.#judged(column)
    const { type } = judged
    const table = this.#tables.get(type) ?? this.#create(judged)
    this.#tables.set(type, table)
    const asked: Asked = { session: this.#session, table: await table, type }
    const answers: (string | null)[] = []
    for (const batch of batches(texts)) answers.push(...(await ask(asked, batch)))
    return answers
  }

  /** What the keys of a column of this type take each text as; equal forms are one key. */
  async keyForms(column: Column, texts: readonly string[]): Promise<readonly string[]> {
    using _turn = await this.#turns.hold()
    const judged = this.#judged(column)
    const keyForms = this.#keyForms.get(judged.type) ?? KeyForms.create(this.#session, `_syncline_keys_${this.#keyForms.size}`, judged)
    this.#keyForms.set(judged.type, keyForms)
    const forms: string[] = []
    for (const batch of batches(texts)) forms.push(...(await (await keyForms).of(batch)))
    return forms
  }

  #judged(column: Column): Judged {
    const { server } = this.#session
    const type = adopt(column, server).native?.name ?? 'longtext'
    return { type, collated: isCollated(type) && !type.includes(' COLLATE ') ? `${type} COLLATE ${exactCollation(server)}` : type }
  }

  async #create({ collated }: Judged): Promise<string> {
    const table = identifier(`_syncline_judge_${this.#tables.size}`)
    await this.#session.execute(`CREATE TEMPORARY TABLE ${table} (n INT PRIMARY KEY, v ${collated} NULL) ENGINE = InnoDB CHARSET utf8mb4`)
    return table
  }
}

interface Asked {
  readonly session: Session
  /** In SQL. */
  readonly table: string
  readonly type: string
}

const mostTexts = 2_000
const mostCharacters = 250_000

function* batches(texts: readonly string[]): Generator<readonly string[]> {
  let batch: string[] = []
  let characters = 0
  for (const text of texts) {
    if (batch.length >= mostTexts || (batch.length > 0 && characters + text.length > mostCharacters)) {
      yield batch
      batch = []
      characters = 0
    }
    batch.push(text)
    characters += text.length
  }
  if (batch.length > 0) yield batch
}

/** Texts that would be guessed at are not even asked about; one that is refused fails its whole statement, so that is halved. */
async function ask(asked: Asked, texts: readonly string[]): Promise<readonly (string | null)[]> {
  const meant = texts.map((text, n) => ({ text, n })).filter(({ text }) => isPlain(asked.type, text))
  const stored = new Map<number, string>()
  await store(asked, meant, stored)
  return texts.map((text, n) => {
    const shown = stored.get(n)
    return shown !== undefined && isKept(asked.type, text, shown) ? shown : null
  })
}

type Numbered = readonly { readonly text: string; readonly n: number }[]

async function store(asked: Asked, texts: Numbered, stored: Map<number, string>): Promise<void> {
  if (texts.length === 0) return
  const { session, table, type } = asked
  if (await insert(asked, texts)) {
    const shown = geometries.has(nameOf(type)) ? "CONCAT('\\\\x', LOWER(HEX(v)))" : 'v'
    const rows = await session.rows(`SELECT n, ${shown} FROM ${table}`)
    for (const [n, text] of rows) if (text !== null && text !== undefined) stored.set(Number(n), withoutZeros(type, text))
    await session.execute(`DELETE FROM ${table}`)
    return
  }
  await session.execute(`DELETE FROM ${table}`)
  if (texts.length === 1) return
  const half = Math.ceil(texts.length / 2)
  await store(asked, texts.slice(0, half), stored)
  await store(asked, texts.slice(half), stored)
}

/** Whether all were taken without a warning. */
async function insert({ session, table, type }: Asked, texts: Numbered): Promise<boolean> {
  const value = (text: string) => (geometries.has(nameOf(type)) ? `UNHEX(${literal(text.slice(2))})` : literal(text))
  try {
    const { warnings } = await session.execute(
      `INSERT INTO ${table} VALUES ${texts.map(({ text, n }) => `(${n}, ${value(text)})`).join(', ')}`,
    )
    return warnings === 0
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

/** MySQL reads a time out of any digits; only what it would write itself, or a clock shows, is meant as one. */
function isPlain(type: string, text: string): boolean {
  const name = nameOf(type)
  if (name === 'time') return /^-?\d{2,3}:\d\d:\d\d(\.\d{1,9})?$/.test(text) && !losesDigits(type, text)
  if (geometries.has(name)) return /^\\x([0-9a-f]{2})+$/i.test(text)
  return true
}

/** Digits past the precision are rounded without a word. */
function losesDigits(type: string, text: string): boolean {
  const precision = Number(/\((\d)\)/.exec(type)?.[1] ?? 0)
  return /[1-9]/.test((/\.(\d+)$/.exec(text)?.[1] ?? '').slice(precision))
}

/**
 * `char` drops blanks at the end. An `enum` or `set` takes members in any case, and a number as the member at that position: what
 * is shown has to be what was given, but for the order of a set.
 */
function isKept(type: string, given: string, shown: string): boolean {
  const name = nameOf(type)
  if (name === 'enum' || name === 'char') return shown === given
  if (name === 'json') return isSameDocument(given, shown)
  if (name !== 'set') return true
  const members = (text: string) => [...new Set(text.split(','))].sort().join()
  return members(given) === members(shown)
}

function withoutZeros(type: string, text: string): string {
  return nameOf(type) === 'time' && text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function nameOf(type: string): string {
  return /^[a-z0-9]+/.exec(type.toLowerCase())?.[0] ?? ''
}
