import { open } from 'node:fs/promises'
import { withFile } from '../file-errors.ts'
import type { Located } from '../locate.ts'

/**
 * What a file is by its content, whatever its name: a zip (.xlsx, .ods), an OLE container (.xls) or one that holds an encrypted
 * book (MS-OFFCRYPTO), HTML or XML text, or something else.
 */
export type BookKind = 'zip' | 'xls' | 'encrypted' | 'html' | 'empty' | 'other'

const oleMark = Buffer.from('d0cf11e0a1b11ae1', 'hex')
const encryptedStream = Buffer.from('EncryptedPackage', 'utf16le')
/** A BIFF stream without a container, as Excel 2 to 4 wrote it: a BOF record. */
const biffMarks = [0x0009, 0x0209, 0x0409]
const sector = 512

/** Looks at the beginning of a file. */
export async function sniffBook({ path, name }: Located): Promise<BookKind> {
  return await withFile(name, async () => {
    await using handle = await open(path)
    const { size } = await handle.stat()
    const head = Buffer.alloc(4096)
    const { bytesRead } = await handle.read(head, 0, head.length, 0)
    const kind = kindOf(head.subarray(0, bytesRead))
    if (kind !== 'xls' || bytesRead < sector) return kind
    return (await holdsEncryptedPackage(handle, head, size)) ? 'encrypted' : 'xls'
  })
}

function kindOf(head: Buffer): BookKind {
  if (head.length === 0) return 'empty'
  if (head[0] === 0x50 && head[1] === 0x4b && (head[2] ?? 0) <= 8) return 'zip'
  if (head.subarray(0, 8).equals(oleMark)) return 'xls'
  if (head.length > 4 && biffMarks.includes(head.readUInt16LE(0)) && head.readUInt16LE(2) <= 16) return 'xls'
  const utf16 = head[0] === 0xff && head[1] === 0xfe
  const text = head.toString(utf16 ? 'utf16le' : 'utf8').replace(/^\ufeff/, '')
  return /^\s*<(!doctype|html|\?xml|table|!--|meta|head|body|div|style)/i.test(text) ? 'html' : 'other'
}

type Handle = Awaited<ReturnType<typeof open>>

/** Whether the container's directory, which begins where its header says (MS-CFB 2.2), names an encrypted package. */
async function holdsEncryptedPackage(handle: Handle, header: Buffer, size: number): Promise<boolean> {
  const bytes = 2 ** header.readUInt16LE(30)
  const at = (header.readUInt32LE(48) + 1) * bytes
  if (bytes > 4096 || at >= size) return false
  const directory = Buffer.alloc(4096)
  const { bytesRead } = await handle.read(directory, 0, directory.length, at)
  return directory.subarray(0, bytesRead).includes(encryptedStream)
}
