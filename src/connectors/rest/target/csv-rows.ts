import { StringDecoder } from 'node:string_decoder'

/** The records of CSV in the profile of `Rows.csv`: cells as text, NULL where nothing stands unquoted. */
export async function* csvRows(stream: AsyncIterable<Uint8Array>): AsyncGenerator<readonly (string | null)[]> {
  const decoder = new StringDecoder('utf8')
  const cell = /"((?:[^"]|"")*)"([,\n])|([^",\n]*)([,\n])/y
  let text = ''
  for await (const chunk of stream) {
    text += decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    let end = 0
    let record: (string | null)[] = []
    cell.lastIndex = 0
    for (let match = cell.exec(text); match; match = cell.exec(text)) {
      const [, quoted, afterQuoted, plain = ''] = match
      record.push(quoted === undefined ? (plain === '' ? null : plain) : quoted.replaceAll('""', '"'))
      if ((afterQuoted ?? match[4]) === ',') continue
      yield record
      record = []
      end = cell.lastIndex
    }
    text = text.slice(end)
  }
  if (text !== '') throw new Error('a record without an end')
}
