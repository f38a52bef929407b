import { escapeControls } from './escape.ts'

/** The text as one word of a command line that can be pasted; most names are one as they stand. */
export function shellWord(text: string): string {
  const shown = escapeControls(text)
  if (/^[\w@%+=:,./-][\w@%+=:,./#-]*$/.test(shown)) return shown
  return process.platform === 'win32' ? `"${shown.replaceAll('"', '\\"')}"` : `'${shown.replaceAll("'", "'\\''")}'`
}
