/** The target of the link with a relation, in the `Link` headers of an answer (RFC 8288, 3). */
export function linkOf(headers: Headers, relation: string): string | undefined {
  const link = /\s*<([^>]*)>((?:\s*;\s*[\w!#$%&'*+.^`|~-]+\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;]+))?)*)\s*(?:,|$)/y
  const text = headers.get('link') ?? ''
  for (let match = link.exec(text); match; match = link.exec(text)) {
    const [, target, parameters = ''] = match
    if (relationsOf(parameters).includes(relation)) return target
    if (link.lastIndex >= text.length) return undefined
  }
  return undefined
}

function relationsOf(parameters: string): readonly string[] {
  const parameter = /;\s*([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+)))?/g
  const relations = [...parameters.matchAll(parameter)].find(([, name = '']) => name.toLowerCase() === 'rel')
  return (relations?.[2] ?? relations?.[3] ?? '').toLowerCase().split(/\s+/)
}
