import { type Command, InvalidArgumentError, Option } from 'commander'

/** The flags that every command takes. */
export interface GlobalOptions {
  readonly config?: string
  readonly set?: readonly string[]
  readonly select?: readonly string[]
  readonly exclude?: readonly string[]
  readonly json?: true
  readonly quiet?: true
  readonly verbose?: true
  readonly yes?: true
  readonly color: boolean
}

export function addGlobalOptions(program: Command): void {
  program
    .option('--config <file>', 'the config; syncline.yaml or syncline.config.ts here where it is left out')
    .option('--set <key=value>', 'a value in place of that of the config, such as syncs.prices.mode=upsert', collect)
    .option('--select <name>', 'only these syncs: a name, tag:NAME, or NAME/TABLE of one that stands for many tables', collectNames)
    .option('--exclude <name>', 'all syncs but these: a name, tag:NAME or NAME/TABLE', collectNames)
    .option('--json', 'one JSON document on stdout; progress as JSON lines on stderr')
    .addOption(new Option('--quiet', 'say only what needs attention').conflicts('verbose'))
    .option('--verbose', 'say more: the way that was taken, timings, causes of errors')
    .option('--yes', 'answer every question with yes; approves no guard')
    .option('--no-color', 'no colours; NO_COLOR does the same')
}

/** For flags that may be repeated. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** For flags that may be repeated or hold names with commas between. */
export function collectNames(value: string, before: readonly string[] = []): readonly string[] {
  const names = value.split(',').map((name) => name.trim())
  if (names.includes('')) throw new InvalidArgumentError('Expected names with commas between.')
  return [...before, ...names]
}

export function parseLimit(value: string): number {
  const limit = Number(value)
  if (!Number.isSafeInteger(limit) || limit < 0) throw new InvalidArgumentError('Expected a whole number of 0 or more.')
  return limit
}
