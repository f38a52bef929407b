import { relative, resolve } from 'node:path'
import type { Mode } from '../../core/definition.ts'

/** What a first config is made from; what is absent is filled by an example. */
export interface StartingPoint {
  readonly from?: string
  readonly to?: string
  readonly mode?: Mode
  readonly key?: readonly string[]
}

export interface StartingConfig {
  readonly text: string
  /** Environment variables that stand in for passwords. */
  readonly variables: readonly string[]
}

/**
 * A commented `syncline.yaml` with one sync. Paths are given as seen from `cwd` and written as seen from `directory`;
 * passwords are replaced by references to the environment.
 */
export function startingConfig({ from, to, mode = 'mirror', key }: StartingPoint, cwd: string, directory: string): StartingConfig {
  const source = splitPassword(rebase(from ?? './data/orders.csv', cwd, directory), 'SOURCE_PASSWORD')
  const target = splitPassword(rebase(to ?? './warehouse.db#orders', cwd, directory), 'TARGET_PASSWORD')
  const identifies = key ?? (mode === 'mirror' || mode === 'upsert' ? ['id'] : [])
  const lines = [
    '# What Syncline keeps in step. See what a run would change: syncline plan',
    '',
    '# Systems by name: a URL, a path, or a map with `type`. Secrets: ${env:NAME} or ${file:PATH}.',
    ...connections(source.address, target.address),
    '',
    'syncs:',
    `  ${syncName(target.address)}:`,
    `    from: ${scalar(address(source.address, 'source'))}`,
    `    to: ${scalar(address(target.address, 'target'))}`,
    `    mode: ${mode}    # replace, append, upsert or mirror`,
    identifies.length > 0
      ? `    key: ${identifies.length === 1 ? scalar(identifies[0] ?? '') : `[${identifies.map(scalar).join(', ')}]`}    # the columns that identify a row`
      : '    # key: id    # the columns that identify a row',
    '    # guard: { deletes: 10% }    # withhold a run that would delete more',
    '',
  ]
  return { text: lines.join('\n'), variables: [source.variable, target.variable].filter((name) => name !== undefined) }
}

/** URLs get a name, so that credentials stand in one place; paths are short enough as they are. */
function connections(source: string, target: string): readonly string[] {
  const urls = [
    ['source', source],
    ['target', target],
  ].filter(([, text]) => isUrl(text ?? ''))
  if (urls.length === 0) return ['# connections:', '#   shop: postgres://app:${env:SHOP_PASSWORD}@db.example/shop']
  return ['connections:', ...urls.map(([name, text]) => `  ${name}: ${scalar((text ?? '').split('#', 1)[0] ?? '')}`)]
}

function address(text: string, name: string): string {
  return isUrl(text) && text.includes('#') ? `${name}${text.slice(text.indexOf('#'))}` : text
}

function isUrl(text: string): boolean {
  return /^[A-Za-z][A-Za-z\d+.-]+:/.test(text)
}

/** Relative paths keep their place when the config is written elsewhere. */
function rebase(text: string, cwd: string, directory: string): string {
  const [path = '', ...rest] = text.split('#')
  if (cwd === directory || !/^\.{1,2}[\\/]/.test(path)) return text
  const moved = relative(directory, resolve(cwd, path)).replaceAll('\\', '/')
  return [moved.startsWith('.') ? moved : `./${moved}`, ...rest].join('#')
}

function splitPassword(text: string, variable: string): { readonly address: string; readonly variable?: string } {
  const [, head, tail] = /^([A-Za-z][\w+.-]+:\/\/[^:/?#@]*:)[^/?]*(@.*)$/.exec(text) ?? []
  return head === undefined || text.startsWith(`${head}\${`)
    ? { address: text }
    : { address: `${head}\${env:${variable}}${tail}`, variable }
}

/** What the target is called: a table without its schema, a file without its extensions. */
function syncName(target: string): string {
  const [, table] = target.split('#')
  const last = table === undefined ? target.split(/[/\\]/).at(-1)?.split('.', 1)[0] : table.split('.').at(-1)
  const name = (last ?? '').replaceAll(/[^\w-]/g, '')
  return /^[A-Za-z_]/.test(name) ? name : 'first'
}

/** Plain where YAML takes it as the very same text, else in double quotes. */
function scalar(text: string): string {
  const plain = /^[A-Za-z_./~][\w./~:#@$?=&%+-]*$/.test(text) && !/:$|^(~|null|true|false|yes|no|on|off|\.|\.inf|\.nan)$/i.test(text)
  return plain ? text : JSON.stringify(text)
}
