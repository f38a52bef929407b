/** Some of the rows of one change, by their numbers. */
export interface Part {
  readonly size: number
  /** The number of its first row. */
  readonly first: number
  /** SQL that is true where a cell holds the number of one of its rows. */
  condition(cell: string): string
  numbers(): Iterable<number>
  halves(): readonly [Part, Part]
}

/** Every number from `from` up to and without `to`. */
export function span(from: number, to: number): Part {
  const middle = Math.ceil((from + to) / 2)
  return {
    size: to - from,
    first: from,
    condition: (cell) => `${cell} BETWEEN ${from} AND ${to - 1}`,
    *numbers() {
      for (let number = from; number < to; number++) yield number
    },
    halves: () => [span(from, middle), span(middle, to)],
  }
}

/** The numbers of a list. */
export function listed(numbers: readonly number[]): Part {
  const middle = Math.ceil(numbers.length / 2)
  return {
    size: numbers.length,
    first: numbers[0] ?? 0,
    condition: (cell) => (numbers.length === 0 ? '1 = 0' : `${cell} IN (${numbers.join(', ')})`),
    numbers: () => numbers,
    halves: () => [listed(numbers.slice(0, middle)), listed(numbers.slice(middle))],
  }
}

/** Applies all of a part, or none of it: then it says what was refused. Any other error is thrown. */
type Attempt<Refusal> = (part: Part) => Promise<Refusal | undefined>

/**
 * Splits a part that was refused until the rows that are at fault stand alone; every other row is applied, in order.
 * @param refusal of the part as a whole.
 * @param most once more than that many stand alone, the rest is left as it is.
 * @returns why each row that is left was refused, by its number.
 */
export async function isolate<Refusal>(
  part: Part,
  refusal: Refusal,
  attempt: Attempt<Refusal>,
  most: number,
): Promise<Map<number, Refusal>> {
  const alone = new Map<number, Refusal>()
  if (part.size === 1) return alone.set(part.first, refusal)
  const waiting = [...part.halves()].reverse()
  while (alone.size <= most) {
    const next = waiting.pop()
    if (!next) break
    const refused = await attempt(next)
    if (refused === undefined) continue
    if (next.size === 1) alone.set(next.first, refused)
    else waiting.push(...[...next.halves()].reverse())
  }
  return alone
}
