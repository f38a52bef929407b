import { createHash, type Hash } from 'node:crypto'
import { RetryableError, RunError } from '../../../core/errors.ts'
import type { Position } from './paginate.ts'
import type { PaginateOptions } from './paginate-options.ts'

/**
 * Watches that pages come to an end and none comes twice. What it remembers is bounded by `max_pages`, not by rows.
 */
export class PageGuard {
  readonly #options: PaginateOptions
  readonly #subject: string
  readonly #positions = new Set<string>()
  readonly #contents = new Set<string>()
  #pages = 0
  #former: readonly string[] = []
  #page: string[] = []
  #content: Hash = createHash('sha256')
  #rows = 0

  /** @param subject the request, for messages. */
  constructor(options: PaginateOptions, subject: string) {
    this.#options = options
    this.#subject = subject
  }

  get pages(): number {
    return this.#pages
  }

  /** Before a page is asked for, again and again where it is tried again. */
  begin(): void {
    this.#page = []
    this.#content = createHash('sha256')
    this.#rows = 0
  }

  /** A row of the page, by its digest. */
  row(digest: string): void {
    this.#rows++
    this.#content.update(digest)
    if (this.#isPositional) this.#page.push(digest)
  }

  /**
   * @throws RunError where this page or the next one was there before, or there are too many; RetryableError where rows have
   * moved from one page to the next while they were read, so that some came twice.
   */
  end(next: Position | undefined): void {
    this.#pages++
    if (this.#rows > 0 && !remember(this.#contents, this.#content.digest('base64'))) throw this.#endless('one page came twice, row for row')
    if (overlap(this.#former, this.#page)) throw this.#moved()
    this.#former = this.#page
    if (!next) return
    if ('text' in next && !remember(this.#positions, next.text)) throw this.#endless('one page leads to one that was there before')
    if (this.#pages >= this.#options.mostPages) throw this.#endless(`there are more than ${this.#options.mostPages} pages`)
  }

  get #isPositional(): boolean {
    return this.#options.scheme.by === 'page' || this.#options.scheme.by === 'offset'
  }

  #moved(): RetryableError {
    return new RetryableError({
      code: 'ROWS_MOVED',
      message: `${this.#subject}: page ${this.#pages} begins with what the page before it ended with, so rows have moved while they were read`,
      hint: 'run again; ask for an order that new rows do not change, or for pages by token; rows without a key that may be equal cannot be read by page',
    })
  }

  #endless(what: string): RunError {
    return new RunError({
      code: 'ENDLESS_PAGES',
      message: `${this.#subject}: ${what}; expected pages that come to an end (page ${this.#pages})`,
      hint: 'check `paginate`: its parameter may be one that the server does not know; `max_pages` bounds the number of pages',
    })
  }
}

/** Whether the end of one page is the beginning of the next: rows that came in before them have pushed them on. */
function overlap(former: readonly string[], page: readonly string[]): boolean {
  for (let from = former.length - 1; from >= 0; from--) {
    if (former[from] === page[0] && former.slice(from).every((digest, index) => digest === page[index])) return true
  }
  return false
}

/** @returns whether it is new. */
function remember(seen: Set<string>, text: string): boolean {
  const digest = createHash('sha256').update(text).digest('base64').slice(0, 16)
  if (seen.has(digest)) return false
  seen.add(digest)
  return true
}
