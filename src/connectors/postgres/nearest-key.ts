/** The known key that is most like an unknown one, or `undefined` where none is near. */
export function nearestKey(unknown: string, known: readonly string[]): string | undefined {
  const near = known.map((key) => ({ key, distance: editDistance(unknown.toLowerCase(), key) }))
  const [best] = near.sort((a, b) => a.distance - b.distance)
  return best && best.distance <= Math.ceil(best.key.length / 3) ? best.key : undefined
}

/** Letters put in, left out or exchanged (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
