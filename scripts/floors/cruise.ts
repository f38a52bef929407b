import { globSync } from 'node:fs'
import { join } from 'node:path'
import { cruise, type ICruiseResult, type IViolation } from 'dependency-cruiser'
import { forbidden, options } from './rules.ts'
import { walkUsingDeclarations } from './using-declarations.ts'

export interface Breach {
  readonly rule: string
  /** For people: who imports what, and the rule that forbids it. */
  readonly text: string
}

/**
 * Every breach of the floors under `directory`/src.
 * @throws Error where not every file was cruised: without a parser for TypeScript nothing is, and nothing breaks no rule.
 */
export async function cruiseFloors(directory: string): Promise<readonly Breach[]> {
  walkUsingDeclarations()
  const files = globSync('src/**/*.ts', { cwd: directory })
  const { output } = await cruise(['src'], { ...options, baseDir: directory, validate: true, ruleSet: { forbidden } })
  const { modules, summary } = output as ICruiseResult
  const cruised = new Set(modules.map((module) => module.source))
  const missed = files.filter((file) => !cruised.has(file.replaceAll('\\', '/')))
  if (missed.length > 0) {
    throw new Error(`${missed.length} of ${files.length} files in ${join(directory, 'src')} were not cruised: is @swc/core installed?`)
  }
  return summary.violations.map((violation) => ({ rule: violation.rule.name, text: describe(violation) }))
}

function describe({ from, to, rule, cycle }: IViolation): string {
  const path = cycle ? cycle.map((step) => step.name).join(' → ') : to
  const comment = forbidden.find(({ name }) => name === rule.name)?.comment
  return `${from} → ${path}\n  ${rule.name}${comment === undefined ? '' : `: ${comment}`}`
}
