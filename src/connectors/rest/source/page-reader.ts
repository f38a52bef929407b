import type { Json, JsonObject } from './exact-json.ts'

/** Takes the bytes of one page as they come. */
export interface PageReader {
  /** @throws PageError where it is not what its format says. */
  write(chunk: Uint8Array): void
  /** @throws PageError where the page ends too early. */
  finish(): void
}

/** Hears what is on a page. */
export interface PageListener {
  row(row: JsonObject): void
  /** A value beside the rows that was asked for; the last one counts where it comes twice. */
  fact(name: string, value: Json): void
}

/** What is wrong with a page, in words for people; the caller says which page. */
export class PageError extends Error {
  readonly code: string
  readonly hint: string | undefined
  /** Whether the page may be right when it is asked for again. */
  readonly again: boolean

  constructor(what: string, { code = 'MALFORMED_ANSWER', hint, again = false, cause }: PageErrorParts = {}) {
    super(what, cause === undefined ? undefined : { cause })
    this.code = code
    this.hint = hint
    this.again = again
  }
}

interface PageErrorParts {
  readonly code?: string
  readonly hint?: string
  readonly again?: boolean
  readonly cause?: unknown
}
