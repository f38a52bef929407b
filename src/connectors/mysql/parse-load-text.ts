/** The rows of a text as `loadText` gives it: a bare `NULL` is NULL, quotes enclose, two of them are one. */
export async function* parseLoadText(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly (string | null)[]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  for await (const chunk of chunks) {
    const text = rest + decoder.decode(chunk, { stream: true })
    const { rows, end } = completeRows(text)
    yield* rows
    rest = text.slice(end)
  }
  yield* completeRows(rest + decoder.decode()).rows
}

function completeRows(text: string): { readonly rows: readonly (readonly (string | null)[])[]; readonly end: number } {
  const rows: (string | null)[][] = []
  let row: (string | null)[] = []
  let end = 0
  const field = /(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/y
  for (;;) {
    const match = field.exec(text)
    if (!match) return { rows, end }
    const [, enclosed, bare = '', terminator] = match
    row.push(enclosed === undefined ? (bare === 'NULL' ? null : bare) : enclosed.replaceAll('""', '"'))
    if (terminator === ',') continue
    rows.push(row)
    row = []
    end = field.lastIndex
  }
}
