import { ConfigError } from './errors.ts'

/**
 * Splits an object name into its parts: dots separate, double quotes protect, a doubled quote stands for one (rule 21).
 * `public."a.b"` is `['public', 'a.b']`. Case is kept as it is.
 * @throws ConfigError where a quote is left open or a part is empty.
 */
export function parseName(text: string): readonly string[] {
  const part = /("(?:[^"]|"")*"|[^."]+)(\.|$)/y
  const parts: string[] = []
  let ended = text.length === 0
  while (part.lastIndex < text.length) {
    const match = part.exec(text)
    if (!match?.[1]) throw badName(text)
    parts.push(match[1].startsWith('"') ? match[1].slice(1, -1).replaceAll('""', '"') : match[1])
    ended = match[2] === '.'
    if (part.lastIndex === 0) break
  }
  if (ended || parts.some((p) => p === '')) throw badName(text)
  return parts
}

/** The inverse of {@link parseName}: quotes only the parts that need it. */
export function formatName(parts: readonly string[]): string {
  return parts.map((part) => (/[."#]|^$/.test(part) ? `"${part.replaceAll('"', '""')}"` : part)).join('.')
}

function badName(text: string): ConfigError {
  return new ConfigError({
    code: 'BAD_NAME',
    message: `\`${text}\` is not an object name: dots separate its parts, double quotes protect a part`,
    hint: 'write schema.table, or "a.b".c where a part holds a dot',
  })
}
