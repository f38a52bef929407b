import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quoteEndMarkers } from './end-marker.ts'

async function quoted(...chunks: readonly string[]): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of quoteEndMarkers(stream(chunks))) parts.push(part)
  return Buffer.concat(parts).toString()
}

async function* stream(chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

test('a record that is nothing but the marker is quoted', async () => {
  expect(await quoted('\\.\n')).toBe('"\\."\n')
  expect(await quoted('a\n\\.\nb\n')).toBe('a\n"\\."\nb\n')
  expect(await quoted('a\n\\.\r\nb\n')).toBe('a\n"\\."\r\nb\n')
  expect(await quoted('a\n\\.')).toBe('a\n"\\."')
  expect(await quoted('\\.\n\\.\n\\.\n')).toBe('"\\."\n"\\."\n"\\."\n')
})

test('what only looks like it stays as it is', async () => {
  for (const text of ['"\\."\n', 'a,\\.\n', '\\.,a\n', '\\.x\n', '\\\\.\n', ' \\.\n', '"x\n\\.\ny"\n', '"a""\n\\.\n"\n', '\\', '']) {
    expect(await quoted(text)).toBe(text)
  }
})

test('wherever the chunks are cut, the bytes are the same', async () => {
  const pieces = fc.array(fc.constantFrom('\\.', '\n', '"', 'a', '\\', '.', ',', '\r', '""', 'é'), { maxLength: 80 })
  const cuts = fc.array(fc.nat(120), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(pieces, cuts, async (parts, places) => {
      const text = parts.join('')
      const ends = [...new Set(places.map((place) => Math.min(place, text.length)))].sort((a, b) => a - b)
      const chunks = [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end))
      expect(await quoted(...chunks)).toBe(await quoted(text))
      expect(withoutMarkers(text)).toBe(await quoted(text))
    }),
    { numRuns: 2000 },
  )
})

/** The same by going through the text letter by letter. */
function withoutMarkers(text: string): string {
  let open = false
  let result = ''
  for (let index = 0; index < text.length; index++) {
    const starts = index === 0 || text[index - 1] === '\n'
    const ends = index + 2 === text.length || text[index + 2] === '\n' || text[index + 2] === '\r'
    if (starts && !open && ends && text.startsWith('\\.', index)) {
      result += '"\\."'
      index++
      continue
    }
    if (text[index] === '"') open = !open
    result += text[index]
  }
  return result
}
