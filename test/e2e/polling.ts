/** Looks again and again while something is done; what it saw each time, in order. */
export async function seenMeanwhile<Seen>(look: () => Promise<Seen>, done: Promise<unknown>): Promise<readonly Seen[]> {
  const seen: Seen[] = []
  let ended = false
  const settled = done.finally(() => {
    ended = true
  })
  while (!ended) seen.push(await look())
  await settled
  seen.push(await look())
  return seen
}
