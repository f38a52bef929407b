/**
 * Takes items as they come, some at the same time. Once one fails no more are taken; those under way are waited for.
 * @throws what the first that failed threw.
 */
export async function concurrently<Item>(items: AsyncIterable<Item>, limit: number, action: (item: Item) => Promise<void>): Promise<void> {
  const underWay = new Set<Promise<void>>()
  let failed: { readonly thrown: unknown } | undefined
  try {
    for await (const item of items) {
      const work = action(item)
        .catch((thrown: unknown) => {
          failed ??= { thrown }
        })
        .finally(() => underWay.delete(work))
      underWay.add(work)
      if (underWay.size >= limit) await Promise.race(underWay)
      if (failed) break
    }
  } finally {
    await Promise.all(underWay)
  }
  if (failed) throw failed.thrown
}

/** Items by up to `size` together. */
export async function* inGroups<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<readonly Item[]> {
  let group: Item[] = []
  for await (const item of items) {
    group.push(item)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}
