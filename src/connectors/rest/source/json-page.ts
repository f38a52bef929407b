import { isUtf8 } from 'node:buffer'
import { isJsonObject, type Json, parseExact } from './exact-json.ts'
import { JsonError, type JsonKind, type JsonListener, JsonWalk } from './json-walk.ts'
import { PageError, type PageListener, type PageReader } from './page-reader.ts'
import { PathWalk } from './path-walk.ts'
import type { ValuePath } from './value-path.ts'

export interface JsonPageOptions {
  readonly rows: ValuePath
  /** Values beside the rows, by name. */
  readonly facts: Readonly<Record<string, ValuePath>>
}

/** A page of JSON: its rows are the objects that `rows` selects, or the elements of the array that it selects. */
export function jsonPage({ rows, facts }: JsonPageOptions, listener: PageListener): PageReader {
  return walked(new JsonWalk(new JsonPage(rows, facts, listener), false))
}

/** Objects one after the other, each of them a row. */
export function ndjsonPage(listener: PageListener): PageReader {
  const walk = new JsonWalk(
    {
      begin: () => true,
      captured: (bytes, members) => listener.row(rowOf(bytes, members)),
      end: () => {},
    },
    true,
  )
  return walked(walk)
}

function walked(walk: JsonWalk): PageReader {
  let begun = false
  const unmarked = withoutMark()
  return {
    write: (bytes) => {
      const chunk = unmarked(bytes)
      const first = begun ? undefined : chunk.find((byte) => !blanks.has(byte))
      begun ||= first !== undefined
      if (first === lessThan) throw new PageError('expected JSON, found a page of HTML or XML that is called JSON', markup)
      judged(() => walk.walk(chunk))
    },
    finish: () => judged(() => walk.finish()),
  }
}

const lessThan = 0x3c
/** Space, tab, ends of lines, and a byte order mark. */
const blanks = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf])

const mark = [0xef, 0xbb, 0xbf]

/** Parsers may ignore a byte order mark (RFC 8259, 8.1), which some servers write; it may come in several chunks. */
function withoutMark(): (chunk: Uint8Array) => Uint8Array {
  let found = 0
  let isOver = false
  return (chunk) => {
    let at = 0
    for (; !isOver && at < chunk.length && chunk[at] === mark[found]; at++) isOver = ++found === mark.length
    if (isOver || at === chunk.length) return chunk.subarray(at)
    isOver = true
    return Buffer.concat([Uint8Array.from(mark.slice(0, found - at)), chunk])
  }
}

const markup = {
  code: 'NOT_DATA',
  hint: 'is it a login page or an error page? Check `url`, `resource` and `auth`; where rows are XML, say `format: xml`',
}

class JsonPage implements JsonListener {
  readonly #path: ValuePath
  readonly #rows: PathWalk
  readonly #facts: readonly (readonly [name: string, walk: PathWalk])[]
  readonly #listener: PageListener
  readonly #selectsObjects: boolean
  #depth = 0
  /** The depth at which every value is a row; -1 outside of the rows. */
  #rowsDepth = -1
  /** The fact that is being captured. */
  #wanted: string | undefined

  constructor(rows: ValuePath, facts: Readonly<Record<string, ValuePath>>, listener: PageListener) {
    this.#path = rows
    this.#rows = new PathWalk(rows)
    this.#facts = Object.entries(facts).map(([name, path]) => [name, new PathWalk(path)])
    this.#listener = listener
    // `$.data[*]` and `$.data[*].attributes` select objects, each of them a row.
    this.#selectsObjects = rows.steps.some(({ kind }) => kind === 'each')
  }

  begin(kind: JsonKind, name: string | undefined): boolean {
    this.#wanted = undefined
    if (this.#depth === this.#rowsDepth) return true
    if (this.#isRow(kind, name)) return true
    const [fact] = this.#facts.filter(([, walk]) => walk.begin(kind, name) === 'selected')
    if (kind === 'scalar') {
      this.#wanted = fact?.[0]
      return fact !== undefined
    }
    // What it holds does not matter: it is no text, no number and no NULL.
    if (fact) this.#listener.fact(fact[0], [])
    this.#depth++
    return false
  }

  captured(bytes: Buffer, members: number): void {
    if (this.#wanted === undefined) this.#listener.row(rowOf(bytes, members))
    else this.#listener.fact(this.#wanted, parsed(bytes))
  }

  end(): void {
    if (this.#depth === this.#rowsDepth) this.#rowsDepth = -1
    this.#depth--
    const missing = this.#rows.end()
    if (missing !== undefined) throw rowsNotFound(this.#path, `no \`${missing}\` on the way`)
    for (const [, walk] of this.#facts) walk.end()
  }

  /** Whether a value is a row by itself; of an array that is selected every element will be one. */
  #isRow(kind: JsonKind, name: string | undefined): boolean {
    switch (this.#rows.begin(kind, name, this.#selectsObjects)) {
      case 'selected':
        if (kind === 'array') this.#rowsDepth = this.#depth + 1
        else if (kind !== 'object' || !this.#selectsObjects)
          throw rowsNotFound(this.#path, kind === 'object' ? 'one object' : 'another value')
        return kind === 'object'
      case 'astray':
        throw rowsNotFound(this.#path, 'another kind of value on the way')
      case 'twice':
        throw rowsNotFound(this.#path, 'a name twice on the way')
      default:
        return false
    }
  }
}

function rowOf(bytes: Buffer, members: number) {
  const row = parsed(bytes)
  if (!isJsonObject(row)) throw new PageError('expected every row to be an object, found another value')
  if (Object.keys(row).length === members) return row
  throw new PageError('expected every name once in a row, found one twice', { hint: 'of two values of one name none can be preferred' })
}

function parsed(bytes: Buffer): Json {
  if (!isUtf8(bytes)) throw new PageError('expected text in UTF-8, found bytes that are none')
  try {
    return parseExact(bytes.toString('utf8'))
  } catch {
    throw new PageError('expected JSON, found a text or number that is none')
  }
}

/** An answer without rows is never taken for one that has none. */
function rowsNotFound({ text, steps }: ValuePath, found: string): PageError {
  const hint = steps.length === 0 ? 'say where they are: `rows: $.items`, for example' : 'check `rows`, and what the API answers'
  return new PageError(`expected an array of rows at ${text}, found ${found}`, { code: 'ROWS_NOT_FOUND', hint })
}

function judged(work: () => void): void {
  try {
    work()
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown
    throw new PageError(thrown.message, { again: thrown.cutShort, hint: thrown.cutShort ? cutShort : noJson })
  }
}

const cutShort = 'run again; if it stays so, the server stops midway: ask for smaller pages, or look at its log'
const noJson = 'look at what the API answers there; where it is another format, name it by `format`'
