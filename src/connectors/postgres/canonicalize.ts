import { RunError } from '../../core/errors.ts'
import type { Column, KeyFolding } from '../../core/table.ts'
import { Turns } from '../sql/turns.ts'
import { type CatalogType, catalogTypes } from './catalog-types.ts'
import { canonicalCell } from './cells.ts'
import { isRefusal } from './errors.ts'
import { withQualifiedNames } from './relation.ts'
import type { Session } from './session.ts'
import { adopt } from './types.ts'

/** Asks PostgreSQL how columns store texts. */
export class Judge {
  readonly #session: Session
  /** While the names of one type are looked up, the search path is not the one that checks and functions of others need. */
  readonly #turns = new Turns()
  readonly #conversions = new Map<string, Promise<string>>()

  constructor(session: Session) {
    this.#session = session
  }

  /**
   * The texts as a column of this type would store and show them, `null` for one that it refuses, or that it would take
   * only by rounding or cutting.
   */
  async canonicalize(column: Column, texts: readonly string[]): Promise<readonly (string | null)[]> {
    using _turn = await this.#turns.hold()
    const name = adopt(column).native?.name ?? 'text'
    const known = this.#conversions.get(name) ?? conversion(this.#session, name)
    this.#conversions.set(name, known)
    const sql = await known
    const answers: (string | null)[] = []
    for (let start = 0; start < texts.length; start += batch) {
      for (const answer of await convert(this.#session, sql, texts.slice(start, start + batch))) answers.push(answer)
    }
    return answers
  }

  /** What the keys of a column take each text as; equal forms are one key. */
  async keyForms({ folding }: Column, texts: readonly string[]): Promise<readonly string[]> {
    const forms: string[] = []
    for (let start = 0; start < texts.length; start += batch) {
      const sql = `SELECT ${keyForm(folding)} AS form FROM unnest($1::text[]) WITH ORDINALITY AS given(text, n) ORDER BY given.n`
      for (const { form } of await this.#session.rows<{ form: string }>(sql, [texts.slice(start, start + batch)])) forms.push(form)
    }
    return forms
  }
}

/** Texts that are equal hash alike (PostgreSQL manual, "Hash Indexes"); two seeds make 128 bits of it. */
function keyForm({ pad, collation }: KeyFolding = {}): string {
  const text = pad ? "rtrim(given.text, ' ')" : 'given.text'
  if (collation === undefined) return `lower(${text} COLLATE "default")`
  return `concat_ws(':', ${[0, 1].map((seed) => `hashtextextended(${text} COLLATE ${collation}, ${seed})`).join(', ')})`
}

const batch = 5_000

async function conversion(session: Session, name: string): Promise<string> {
  const declared = await session.fields(`SELECT NULL::${name} LIMIT 0`)
  const [type] = await withQualifiedNames(session, async () => await catalogTypes(session, declared))
  if (!type) throw new RunError({ code: 'SERVER_ERROR', message: `PostgreSQL does not know the type ${name}` })
  return conversionSql(name, type)
}

/** One text that is refused fails its whole statement: the batch is halved until it stands alone. */
async function convert(session: Session, sql: string, texts: readonly string[]): Promise<readonly (string | null)[]> {
  try {
    const rows = await session.rows<{ stored: string | null }>(sql, [texts])
    return rows.map((row) => row.stored)
  } catch (error) {
    if (!isRefusal(error)) throw error
    if (texts.length === 1) return [null]
    const half = Math.ceil(texts.length / 2)
    return [...(await convert(session, sql, texts.slice(0, half))), ...(await convert(session, sql, texts.slice(half)))]
  }
}

/**
 * PostgreSQL rounds `numeric(5,2)` and `timestamp(3)`, cuts `bit(4)` and `name`, and drops digits past the microsecond, all
 * without a word. So the text is read twice, once without the type's limits, and both have to agree.
 */
function conversionSql(name: string, type: CatalogType): string {
  return `SELECT CASE WHEN NOT (${bending(type)}) THEN ${canonicalCell('c.typed', type)} END AS stored
            FROM unnest($1::text[]) WITH ORDINALITY AS given(text, n) CROSS JOIN LATERAL (SELECT given.text::${name} AS typed) AS c
           ORDER BY given.n`
}

function bending({ base, unconstrained, name }: CatalogType): string {
  if (name === 'name' || name === 'char') return 'c.typed::text <> given.text'
  const cut = base.typmod < 0 ? 'false' : `c.typed::${free(unconstrained)} <> given.text::${free(unconstrained)}`
  return timed.test(name) ? `${cut} OR given.text ~ '[.,][0-9]{6}0*[1-9]'` : cut
}

/** Types with a clock, their arrays and ranges. */
const timed = /^_?(time|timetz|timestamp|timestamptz|interval|tsrange|tstzrange|tsmultirange|tstzmultirange)$/

/** `bit` alone means one bit. */
function free(unconstrained: string): string {
  return unconstrained.replace(/^"bit"/, 'bit varying')
}
