import type { Mode } from '../core/definition.ts'

/** What a person may write for `mode`: the modes, and the words for them that users of other tools bring along. */
export const modeWords = ['replace', 'append', 'upsert', 'mirror', 'full-refresh', 'overwrite', 'merge', 'incremental'] as const

export type ModeWord = (typeof modeWords)[number]

/** The mode that a word means. */
export function modeOf(word: ModeWord): Mode {
  switch (word) {
    case 'full-refresh':
    case 'overwrite':
      return 'replace'
    case 'merge':
    case 'incremental':
      return 'upsert'
    default:
      return word
  }
}
