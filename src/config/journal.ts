import { type JournalLimits, journalDefaults } from '../core/definition.ts'
import type { JournalInput } from './schema.ts'

/** `30d` is how long, `{ keep: 30d, size: 1GB }` also how much; `off` keeps nothing. */
export function parseJournal(input: JournalInput): JournalLimits | 'off' {
  if (input === 'off') return 'off'
  const { keep, size } = typeof input === 'string' ? { keep: input, size: undefined } : input
  return {
    keepSeconds: keep === undefined ? journalDefaults.keepSeconds : amount(keep, { h: 3600, d: 86_400, w: 7 * 86_400 }),
    bytes: size === undefined ? journalDefaults.bytes : amount(size, { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }),
  }
}

function amount(text: string, units: Readonly<Record<string, number>>): number {
  const [, unit = ''] = /([A-Za-z]+)$/.exec(text) ?? []
  return Number.parseInt(text, 10) * (units[unit] ?? 1)
}
