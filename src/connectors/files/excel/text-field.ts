/** A text as a field of the `csv` profile: always in quotes, so that an empty text is not NULL. */
export function textField(text: string): Uint8Array {
  return Buffer.from(`"${text.includes('"') ? text.replaceAll('"', '""') : text}"`)
}
