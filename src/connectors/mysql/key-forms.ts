import type { Session } from './session.ts'
import { identifier, literal } from './sql.ts'

/** A type that texts are judged by, and how a column of it is declared. */
export interface Judged {
  readonly type: string
  readonly collated: string
}

/**
 * Says what the keys of a column take texts as: two temporary tables of its type hold the texts that are asked about, and the
 * first of those that are one. Sort weights (`WEIGHT_STRING`) would not do: in collations of several levels, and where blanks
 * at the end do not count, equal texts have different ones.
 */
export class KeyForms {
  readonly #session: Session
  /** In SQL. */
  readonly #asked: string
  readonly #first: string
  #texts = 0

  static async create(session: Session, name: string, { type, collated }: Judged): Promise<KeyForms> {
    const [asked, first] = [identifier(`${name}_asked`), identifier(`${name}_first`)]
    const columns = `n INT PRIMARY KEY, form INT NULL, v ${collated} NOT NULL`
    for (const table of [asked, first])
      await session.execute(
        `CREATE TEMPORARY TABLE ${table} (${columns}, KEY (v${isLong(type) ? '(191)' : ''})) ENGINE = InnoDB CHARSET utf8mb4`,
      )
    return new KeyForms(session, asked, first)
  }

  private constructor(session: Session, asked: string, first: string) {
    this.#session = session
    this.#asked = asked
    this.#first = first
  }

  /**
   * One call at a time. No statement names a temporary table twice, which MySQL refuses. A text that is not even equal to itself
   * gets no form: the answer is short.
   */
  async of(texts: readonly string[]): Promise<readonly string[]> {
    const [session, asked, first, from] = [this.#session, this.#asked, this.#first, this.#texts]
    this.#texts += texts.length
    await session.execute(`INSERT INTO ${asked} (n, v) VALUES ${texts.map((text, n) => `(${from + n}, ${literal(text)})`).join(', ')}`)
    const find = `UPDATE ${asked} AS a JOIN ${first} AS f ON f.v = a.v SET a.form = f.n WHERE a.form IS NULL`
    await session.execute(find)
    await session.execute(`INSERT INTO ${first} (n, v) SELECT min(n), v FROM ${asked} WHERE form IS NULL GROUP BY v`)
    await session.execute(find)
    const rows = await session.rows(`SELECT form FROM ${asked} ORDER BY n`)
    await session.execute(`DELETE FROM ${asked}`)
    return rows.flatMap(([form]) => form ?? [])
  }
}

/** An index holds a text of so many characters whatever its row format. */
function isLong(type: string): boolean {
  return /text\b/.test(type) || Number(/\((\d+)\)/.exec(type)?.[1] ?? 0) > 191
}
