import type { Family, SourceDefinition, TableOverrides, TargetDefinition } from '../core/definition.ts'
import { isPattern, placeholders } from '../core/family.ts'
import { parseGuard, parseOnReject } from './guard.ts'
import { modeOf } from './modes.ts'
import { formatPath, type Path, type Problem } from './problem.ts'
import { parseRedact, type RedactContext } from './redact.ts'
import type { SyncInput, TableInput } from './schema.ts'
import type { SecretContext } from './secrets.ts'

interface Resolved {
  readonly from: SourceDefinition
  readonly to: TargetDefinition
  readonly path: Path
  readonly report: (problem: Problem) => void
  readonly context: SecretContext
}

/** What a sync says of many tables, `undefined` where it is about one. A pattern and `{table}` belong together. */
export function resolveFamily(
  sync: Pick<SyncInput, 'exclude' | 'tables' | 'parallel'>,
  { from, to, path, report, context }: Resolved,
): Family | undefined {
  const named: readonly string[] = to.object.match(placeholders) ?? []
  const pattern = from.query === undefined && isPattern(from.object ?? '')
  if (named.length === 0) {
    for (const key of ['exclude', 'tables', 'parallel'] as const) if (sync[key] !== undefined) report(notMany([...path, key]))
    return undefined
  }
  if (!pattern) report(noPattern([...path, 'from'], named[0] ?? ''))
  else if (!named.includes('{table}')) report(oneTarget([...path, 'to']))
  return {
    exclude: list(sync.exclude),
    overrides: Object.fromEntries(
      Object.entries(sync.tables ?? {}).map(([table, input]) => [
        table,
        overridesOf(input, { ...context, path: [...path, 'tables', table, 'redact'], strict: true }),
      ]),
    ),
    ...(sync.parallel === undefined ? {} : { parallel: sync.parallel }),
  }
}

function overridesOf(input: TableInput, context: RedactContext): TableOverrides {
  const { redact, mode, key, scope, guard, verify, on_reject: onReject, select, where, cursor, lag } = input
  return {
    ...(mode === undefined ? {} : { mode: modeOf(mode) }),
    ...(key === undefined ? {} : { key: list(key) }),
    ...(scope === undefined ? {} : { scope }),
    ...(guard === undefined ? {} : { guard: parseGuard(guard) }),
    ...(redact === undefined ? {} : { redact: parseRedact(redact, context) }),
    ...(verify === undefined ? {} : { verify }),
    ...(onReject === undefined ? {} : { onReject: parseOnReject(onReject) }),
    from: {
      ...(select === undefined ? {} : { select: list(select) }),
      ...(where === undefined ? {} : { where }),
      ...(cursor === undefined ? {} : { cursor }),
      ...(lag === undefined ? {} : { lag }),
    },
  }
}

function list(input: string | readonly string[] = []): readonly string[] {
  return typeof input === 'string' ? [input] : input
}

function notMany(path: Path): Problem {
  return {
    path,
    at: 'key',
    message: `${formatPath(path)} is about many tables, and this sync is about one`,
    hint: 'for many, write a pattern and where each table goes: from: shop#public.*, to: lake#{table}',
  }
}

function noPattern(path: Path, placeholder: string): Problem {
  return {
    path,
    at: 'value',
    message: `${formatPath(path)} names one object; \`${placeholder}\` in the target stands for each table of a pattern`,
    hint: 'write a pattern such as shop#public.*, or name the target without braces',
  }
}

function oneTarget(path: Path): Problem {
  return {
    path,
    at: 'value',
    message: `${formatPath(path)} lacks \`{table}\`: several tables would fall on one target`,
    hint: 'write lake#{table}, or lake#{schema}.{table}',
  }
}
