import type { Endpoint } from '../connectors/connector.ts'
import { isExtreme } from '../core/canonical.ts'
import { RunError } from '../core/errors.ts'
import type { Column } from '../core/table.ts'
import { sameType } from '../core/types.ts'
import type { Conforming } from '../stage/stage.ts'
import type { Pair } from './shape.ts'

/** How the source's cells become the target's: exactly, or not at all (law 1, rule 7). `asText` names columns that DuckDB cannot hold. */
export function conformSource(pair: Pair, asText: ReadonlySet<string>, target: Endpoint): Conforming {
  const { from, to, zone } = pair
  // Only the stage knows the zone: the target would read a naive text as it stands.
  if (zone !== undefined) return { from: from.name, to, held: asText.has(to.name) ? 'text' : 'native', trusted: false, zone }
  const trusted = fits(from, to) && (to.limits === undefined || sameNative(from, to))
  const judged = needsJudging(from, to)
  const { keyForms } = target
  const judge = target.canonicalize && !sameNative(from, to) && (judged || !trusted) ? judgeBy(target, pair, judged) : undefined
  return {
    from: from.name,
    to,
    held: asText.has(to.name) || judged ? 'text' : 'native',
    trusted,
    ...(judge ? { judge } : {}),
    ...(to.folding?.told && keyForms ? { keyForms: async (texts) => inFull(to, texts, await keyForms.call(target, to, texts)) } : {}),
  }
}

/** The target's own cells fit its own types. */
export function conformTarget({ from, to }: Pair, asText: ReadonlySet<string>, there: Column): Conforming {
  const held = asText.has(to.name) || needsJudging(from, to) ? 'text' : 'native'
  return { from: there.name, to, held, trusted: true }
}

/** Whether every value of one column is a value of the other by definition. */
export function fits(from: Column, to: Column): boolean {
  if (from.invalid !== undefined) return false
  if (from.untyped) return to.untyped === true
  return sameNative(from, to) || (from.type.kind !== 'other' && sameType(from.type, to.type) && !mayRespell(to))
}

/** Whether a system may store another text than the one that it is given, and say nothing. */
export function mayRespell({ folding, limits }: Column): boolean {
  return limits?.judged === true || losesBlanks(folding)
}

function losesBlanks(folding: Column['folding']): boolean {
  return folding?.pad === true && !folding.kept
}

export function sameNative(a: Column, b: Column): boolean {
  return a.native !== undefined && a.native.system === b.native?.system && a.native.name === b.native.name
}

/** Types whose stored form only the target knows: it spells JSON, network addresses, padded text … in its own way. */
function needsJudging(from: Column, to: Column): boolean {
  if (to.untyped || sameNative(from, to)) return false
  if (mayRespell(to)) return true
  switch (to.type.kind) {
    case 'other':
    case 'json':
      return true
    case 'decimal':
      return to.type.precision === undefined && from.type.kind !== 'decimal' && from.type.kind !== 'integer'
    default:
      return false
  }
}

/**
 * Asks the target. Of a type that DuckDB can hold, only values past what it holds are asked about (`NaN`, years before Christ
 * …): a database would also take `1/2/2024`, or a time without a zone, by a guess.
 */
function judgeBy(target: Endpoint, { from, to }: Pair, any: boolean): NonNullable<Conforming['judge']> {
  return async (texts) => {
    const asked = any ? texts : texts.filter((text) => isExtreme(text, to.type))
    // Blanks that fill up a text of the source are no part of it.
    const meant = losesBlanks(from.folding) ? asked.map((text) => text.replace(/ +$/, '')) : asked
    const answers = inFull(to, meant, (await target.canonicalize?.(to, meant)) ?? [])
    const stored = new Map(asked.map((text, index) => [text, answers[index] ?? null]))
    return texts.map((text) => stored.get(text) ?? null)
  }
}

/** An answer that is missing would be taken for a text that the target refuses, or for a key of its own. */
function inFull<Answer>({ name }: Column, texts: readonly string[], answers: readonly Answer[]): readonly Answer[] {
  if (answers.length === texts.length) return answers
  throw new RunError({
    code: 'SERVER_ERROR',
    message: `the target was asked about ${texts.length} texts of ${name} and answered ${answers.length}`,
    hint: 'run again; if it happens again, please report it',
  })
}
