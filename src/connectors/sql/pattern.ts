/**
 * Whether a name matches a pattern of `*` (any characters) and `?` (one character); letters match in their own case only.
 * Every name matches where there is no pattern.
 */
export function matchesPattern(name: string, pattern: string | undefined): boolean {
  if (pattern === undefined) return true
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'su').test(name)
}
