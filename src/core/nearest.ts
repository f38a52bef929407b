/** The word that is most like `text`, or `undefined` where none is near enough to be what was meant. */
export function nearest(text: string, words: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.floor(Math.max(text.length, 3) / 3) + 1
  for (const word of words) {
    const distance = editDistance(text.toLowerCase(), word.toLowerCase())
    if (distance < least) [best, least] = [word, distance]
  }
  return best
}

/** How many letters have to be put in, left out, exchanged or swapped with their neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const exchange = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(Math.min(exchange, at(previous, j) + 1, at(row, j - 1) + 1, swapped ? at(before, j - 2) + 1 : Infinity))
    }
    before = previous
    previous = row
  }
  return at(previous, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity
}

/** `did you mean …?`, or nothing where no word is near. */
export function didYouMean(text: string, words: Iterable<string>): string | undefined {
  const word = nearest(text, words)
  return word === undefined ? undefined : `did you mean \`${word}\`?`
}
