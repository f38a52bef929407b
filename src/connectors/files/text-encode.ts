import { ConfigError, RunError } from '../../core/errors.ts'

/** Turns UTF-8 text into another encoding. @throws ConfigError where that encoding cannot be written. */
export function textEncoder(encoding: string, file: string): (utf8: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> {
  const label = new TextDecoder(encoding).encoding
  if (label === 'utf-8') return (utf8) => utf8
  const encode = label.startsWith('utf-16') ? utf16(label === 'utf-16be') : singleByte(label, file)
  return (utf8) => encoded(utf8, encode)
}

async function* encoded(utf8: AsyncIterable<Uint8Array>, encode: (text: string) => Uint8Array): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for await (const chunk of utf8) {
    const text = decoder.decode(chunk, { stream: true })
    if (text !== '') yield encode(text)
  }
  decoder.decode()
}

function utf16(bigEndian: boolean): (text: string) => Uint8Array {
  return (text) => (bigEndian ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, 'utf16le'))
}

/** Encodings of one byte a character, by turning their decoder around. */
function singleByte(label: string, file: string): (text: string) => Uint8Array {
  const decoder = new TextDecoder(label)
  const bytes = new Map<string, number>()
  for (let byte = 0; byte < 256; byte++) {
    const character = decoder.decode(Uint8Array.of(byte))
    if (character.length === 1 && character !== '\ufffd') bytes.set(character, byte)
  }
  if (bytes.size < 128) throw notWritable(label)
  for (let byte = 0x80; byte < 0xff; byte++) if (decoder.decode(Uint8Array.of(byte, 0x41)).length !== 2) throw notWritable(label)
  return (text) => {
    const out = Buffer.allocUnsafe(text.length)
    for (let at = 0; at < text.length; at++) {
      const byte = bytes.get(text[at] ?? '')
      if (byte === undefined) throw cannotHold(label, file)
      out[at] = byte
    }
    return out
  }
}

function notWritable(label: string): ConfigError {
  return new ConfigError({
    code: 'BAD_OPTION',
    message: `\`encoding\`: files in ${label} are read, not written`,
    hint: 'write utf-8, utf-16le, utf-16be or an encoding of one byte a character such as windows-1252',
  })
}

function cannotHold(label: string, file: string): RunError {
  return new RunError({
    code: 'CANNOT_HOLD',
    message: `${file} is in ${label}, which lacks a character that some text has`,
    hint: 'write it as utf-8: `encoding: utf-8`',
  })
}
