export type JsonKind = 'object' | 'array' | 'scalar'

/** Hears what a {@link JsonWalk} meets. */
export interface JsonListener {
  /**
   * A value begins: the member `name` of the object, or an element of the array, that was opened last and is still open.
   * @returns whether its bytes are wanted; nothing is heard of what is inside then.
   */
  begin(kind: JsonKind, name: string | undefined): boolean
  /** The bytes of a value that was wanted. @param members names on its first level, doubled ones included. */
  captured(bytes: Buffer, members: number): void
  /** The object or array that was opened last ends. */
  end(): void
}

/** What is wrong, in words for people; the caller says where. */
export class JsonError extends Error {
  /** The bytes ended too early: what is there may be right. */
  readonly cutShort: boolean

  constructor(what: string, cutShort = false) {
    super(what)
    this.cutShort = cutShort
  }
}

const deepest = 1_000
/** Bytes of one value that is held at once. */
const largest = 64 * 1024 * 1024

type Expect = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma or end' | 'nothing'

/**
 * Walks JSON (RFC 8259) as its bytes come, in chunks cut anywhere, and holds nothing but the values that are wanted. It
 * judges the structure; texts and numbers are judged by whoever parses what was captured.
 */
export class JsonWalk {
  readonly #listener: JsonListener
  readonly #sequence: boolean
  #expect: Expect = 'value'
  #token: 'none' | 'text' | 'word' = 'none'
  #escaped = false
  #isName = false
  #name: string | undefined
  readonly #open: ('object' | 'array')[] = []
  #chunk: Buffer = Buffer.alloc(0)
  /** Where the captured part of this chunk begins; -1 where nothing is captured. */
  #from = -1
  #parts: Buffer[] = []
  #size = 0
  #capturing: 'nothing' | 'name' | 'value' = 'nothing'
  #depth = 0
  #members = 0

  /** @param sequence whether documents follow one another, as in NDJSON. */
  constructor(listener: JsonListener, sequence: boolean) {
    this.#listener = listener
    this.#sequence = sequence
  }

  /** @throws JsonError, and what the listener throws. */
  walk(chunk: Uint8Array): void {
    this.#chunk = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (this.#capturing !== 'nothing') this.#from = 0
    for (let at = 0; at < this.#chunk.length; at++) {
      const byte = this.#chunk[at] ?? 0
      if (this.#token === 'text') this.#inText(byte, at)
      else if (this.#token !== 'word' || !this.#inWord(byte, at)) this.#structure(byte, at)
    }
    if (this.#capturing !== 'nothing') this.#keep(this.#chunk.length)
  }

  /** @throws JsonError where the bytes ended too early. */
  finish(): void {
    this.#chunk = Buffer.alloc(0)
    if (this.#capturing !== 'nothing') this.#from = 0
    if (this.#token === 'word') this.#endScalar(0)
    if (this.#token === 'none' && this.#open.length === 0 && (this.#sequence || this.#expect === 'nothing')) return
    const nothing = this.#open.length === 0 && this.#token === 'none'
    throw new JsonError(nothing ? 'expected JSON, found nothing' : 'the JSON is cut short: it ends within a value', true)
  }

  #inText(byte: number, at: number): void {
    if (this.#escaped) this.#escaped = false
    else if (byte === 92) this.#escaped = true
    else if (byte === 34) this.#endText(at + 1)
    else if (byte < 32) throw new JsonError('expected the end of a text, found a control character')
  }

  /** @returns whether the byte belongs to the number or word. */
  #inWord(byte: number, at: number): boolean {
    if (isWord(byte)) return true
    this.#endScalar(at)
    return false
  }

  #structure(byte: number, at: number): void {
    switch (byte) {
      case 32:
      case 10:
      case 13:
      case 9:
        break
      case 123:
        this.#openContainer('object', at)
        break
      case 91:
        this.#openContainer('array', at)
        break
      case 125:
        this.#closeContainer('object', at)
        break
      case 93:
        this.#closeContainer('array', at)
        break
      case 58:
        this.#separate('colon', 'value')
        break
      case 44:
        this.#separate('comma or end', this.#open.at(-1) === 'object' ? 'name' : 'value')
        break
      case 34:
        this.#openText(at)
        break
      default:
        if (!isWord(byte)) throw this.#unexpected()
        this.#begin('scalar', at)
        this.#token = 'word'
    }
  }

  #openContainer(kind: 'object' | 'array', at: number): void {
    this.#begin(kind, at)
    if (this.#open.length >= deepest) throw new JsonError(`expected at most ${deepest} values within each other, found more`)
    this.#open.push(kind)
    this.#expect = kind === 'object' ? 'name or end' : 'value or end'
  }

  #closeContainer(kind: 'object' | 'array', at: number): void {
    const may = this.#expect === 'comma or end' || this.#expect === (kind === 'object' ? 'name or end' : 'value or end')
    if (!may || this.#open.at(-1) !== kind) throw this.#unexpected()
    this.#open.pop()
    if (this.#capturing === 'nothing') this.#listener.end()
    this.#ended(at + 1)
  }

  #separate(expected: Expect, next: Expect): void {
    if (this.#expect !== expected || this.#open.length === 0) throw this.#unexpected()
    this.#expect = next
  }

  #openText(at: number): void {
    this.#isName = this.#expect === 'name' || this.#expect === 'name or end'
    if (!this.#isName) this.#begin('scalar', at)
    else if (this.#capturing === 'nothing') this.#capture('name', at)
    else if (this.#open.length === this.#depth + 1) this.#members++
    this.#token = 'text'
  }

  #endText(to: number): void {
    this.#token = 'none'
    if (this.#isName) this.#expect = 'colon'
    else this.#ended(to)
    if (this.#isName && this.#capturing === 'name') this.#name = parsedName(this.#taken(to))
  }

  #endScalar(to: number): void {
    this.#token = 'none'
    this.#ended(to)
  }

  #begin(kind: JsonKind, at: number): void {
    if (this.#expect !== 'value' && this.#expect !== 'value or end') throw this.#unexpected()
    if (this.#capturing !== 'nothing') return
    const name = this.#open.at(-1) === 'object' ? this.#name : undefined
    if (!this.#listener.begin(kind, name)) return
    this.#capture('value', at)
    this.#depth = this.#open.length
    this.#members = 0
  }

  /** A value is complete. */
  #ended(to: number): void {
    if (this.#capturing === 'value' && this.#open.length === this.#depth) {
      const members = this.#members
      this.#listener.captured(this.#taken(to), members)
    }
    this.#expect = this.#open.length > 0 ? 'comma or end' : this.#sequence ? 'value' : 'nothing'
  }

  #capture(what: 'name' | 'value', at: number): void {
    this.#capturing = what
    this.#from = at
  }

  #keep(to: number): void {
    const part = this.#chunk.subarray(this.#from, to)
    this.#size += part.length
    if (this.#size > largest) throw new JsonError(`expected values of at most ${largest} bytes, found a longer one`)
    this.#parts.push(part)
  }

  #taken(to: number): Buffer {
    this.#keep(to)
    const [first = Buffer.alloc(0), ...more] = this.#parts
    const bytes = more.length === 0 ? first : Buffer.concat(this.#parts, this.#size)
    this.#capturing = 'nothing'
    this.#parts = []
    this.#size = 0
    return bytes
  }

  #unexpected(): JsonError {
    if (this.#expect === 'nothing') return new JsonError('expected the end of the JSON, found more')
    return new JsonError(`expected JSON, found something else where a ${this.#expect.replace('or end', 'or an end')} should be`)
  }
}

/** Of numbers, `true`, `false` and `null`, and of what looks like them. */
function isWord(byte: number): boolean {
  return (
    (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || byte === 43 || byte === 45 || byte === 46
  )
}

function parsedName(bytes: Buffer): string {
  try {
    return String(JSON.parse(bytes.toString('utf8')))
  } catch {
    throw new JsonError('expected a name, found a text that is none')
  }
}
