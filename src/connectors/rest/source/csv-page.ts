import type { TextDecoder as Decoder } from 'node:util'
import type { Json } from './exact-json.ts'
import { PageError, type PageListener, type PageReader } from './page-reader.ts'

/** Characters of one record that are held at once. */
const longest = 16 * 1024 * 1024

/**
 * CSV (RFC 4180): the first record names the columns, an empty field is NULL and an empty text in quotes is one, every
 * record has as many fields as there are names.
 */
export class CsvPage implements PageReader {
  readonly #listener: PageListener
  readonly #delimiter: string
  readonly #decoder: Decoder
  #names: readonly string[] | undefined
  #fields: (string | null)[] = []
  #text = ''
  #records = 0

  constructor(listener: PageListener, delimiter: string, decoder: Decoder) {
    this.#listener = listener
    this.#delimiter = delimiter
    this.#decoder = decoder
  }

  write(chunk: Uint8Array): void {
    this.#text += decoded(this.#decoder, chunk)
    if (this.#text.length > longest) throw new PageError(`expected records of at most ${longest} characters, found a longer one`)
    this.#take(false)
  }

  finish(): void {
    this.#text += decoded(this.#decoder)
    this.#take(true)
    if (this.#text !== '') throw new PageError('the CSV is cut short: it ends within quotes', { again: true })
    if (!this.#names) throw new PageError('expected CSV with a line of names, found nothing', { again: true })
  }

  /** Takes the records that are complete. */
  #take(isEnd: boolean): void {
    let at = 0
    for (;;) {
      this.#fields = []
      const end = this.#record(at, isEnd)
      if (end < 0) break
      at = end
      this.#recordDone()
      this.#records++
    }
    this.#text = this.#text.slice(at)
  }

  /** @returns where the next record begins, -1 where this one is not complete. */
  #record(from: number, isEnd: boolean): number {
    let at = from
    if (at >= this.#text.length) return -1
    for (;;) {
      const end = this.#text[at] === '"' ? this.#quoted(at, isEnd) : this.#plain(at, isEnd)
      if (end < 0) return -1
      if (end >= this.#text.length) return end
      if (this.#text[end] === this.#delimiter) at = end + 1
      else return this.#afterBreak(end, isEnd)
    }
  }

  #plain(from: number, isEnd: boolean): number {
    let at = from
    while (at < this.#text.length && !this.#endsField(at)) {
      if (this.#text[at] === '"') throw this.#malformed('quotes only around a whole field, found one within')
      at++
    }
    if (at >= this.#text.length && !isEnd) return -1
    this.#fields.push(at === from ? null : this.#text.slice(from, at))
    return at
  }

  #quoted(from: number, isEnd: boolean): number {
    for (let at = this.#text.indexOf('"', from + 1); at >= 0; at = this.#text.indexOf('"', at + 2)) {
      if (this.#text[at + 1] === '"') continue
      if (at + 1 >= this.#text.length && !isEnd) return -1
      if (at + 1 < this.#text.length && !this.#endsField(at + 1)) throw this.#malformed('a delimiter or the end of the line after a quote')
      this.#fields.push(this.#text.slice(from + 1, at).replaceAll('""', '"'))
      return at + 1
    }
    return -1
  }

  #endsField(at: number): boolean {
    const character = this.#text[at]
    return character === this.#delimiter || character === '\n' || character === '\r'
  }

  /** A line may end in CR LF, of which the LF may not be here yet. */
  #afterBreak(at: number, isEnd: boolean): number {
    if (this.#text[at] === '\n') return at + 1
    if (at + 1 >= this.#text.length && !isEnd) return -1
    return this.#text[at + 1] === '\n' ? at + 2 : at + 1
  }

  #recordDone(): void {
    if (!this.#names) {
      this.#names = names(this.#fields)
      return
    }
    if (this.#fields.length === 1 && this.#fields[0] === null && this.#names.length > 1) return
    if (this.#fields.length !== this.#names.length)
      throw this.#malformed(`${this.#names.length} fields, as many as there are names; found ${this.#fields.length}`)
    const cells = this.#names.map((name, index): [string, Json] => [name, this.#fields[index] ?? null])
    this.#listener.row(Object.fromEntries(cells))
  }

  #malformed(expected: string): PageError {
    return new PageError(`record ${this.#records + 1} of the CSV: expected ${expected}`, { hint: 'check `delimiter`' })
  }
}

/** A decoder for one page. @throws PageError where nobody knows the encoding. */
export function pageDecoder(encoding: string): Decoder {
  try {
    return new TextDecoder(encoding, { fatal: true })
  } catch {
    throw new PageError('expected an encoding such as utf-8, found one that is not known', { hint: 'name the right one by `encoding`' })
  }
}

/** Text of the next bytes, or of those that are left. */
export function decoded(decoder: Decoder, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
  } catch {
    const hint = 'name the right one by `encoding`'
    throw new PageError(`expected text in ${decoder.encoding}, found bytes that are none`, { hint })
  }
}

function names(fields: readonly (string | null)[]): readonly string[] {
  const found = fields.map((field) => field ?? '')
  if (found.includes('')) throw new PageError('expected every column of the CSV to have a name, found one without')
  if (new Set(found).size < found.length) throw new PageError('expected every column of the CSV to have a name of its own, found one twice')
  return found
}
