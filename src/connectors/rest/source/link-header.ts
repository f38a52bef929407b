/** The target of the link with a relation, in the `Link` headers of an answer (RFC 8288, 3). */
export function linkOf(headers: Headers, relation: string): string | undefined {
  const link = /\s*<([^>]*)>((?:\s*;\s*[\w!#$%&'*+.^`|~-]+\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;]+))?)*)\s*(?:,|$)/y
  const text = headers.get('link') ?? ''
  for (let match = link.exec(text); match; match = link.exec(text)) {
    const [, target, parameters = ''] = match
    const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))/i.exec(parameters)
    if ((relations?.[1] ?? relations?.[2] ?? '').toLowerCase().split(/\s+/).includes(relation)) return target
    if (link.lastIndex >= text.length) return undefined
  }
  return undefined
}
