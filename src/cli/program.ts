import { Argument, Command, Option } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { modeWords } from '../config/modes.ts'
import type { CompareFlags } from './commands/compare.ts'
import type { CopyFlags } from './commands/copy.ts'
import type { DiffFlags } from './commands/diff.ts'
import type { InitFlags } from './commands/init.ts'
import type { PreviewFlags } from './commands/preview.ts'
import type { RejectsFlags } from './commands/rejects.ts'
import type { RunsFlags } from './commands/runs.ts'
import type { ExitCode } from './exit-code.ts'
import { addGlobalOptions, collectNames, type GlobalOptions, parseLimit } from './options.ts'
import { createOutput, type Output } from './output.ts'

type Finish = (code: ExitCode) => void

/** The command line. Each command is loaded when it is called; `finish` is told how it ended. */
export function createProgram(finish: Finish, json: boolean): Command {
  const program = new Command('syncline')
    .description('Keeps data in different systems in step: shows the exact inserts, updates and deletes, applies them, proves agreement.')
    .version(manifest.version)
    .exitOverride()
    .showHelpAfterError('(--help says what there is)')
    .configureOutput(json ? { writeErr: () => {} } : {})
  addGlobalOptions(program)
  addSetup(program, finish)
  addComparing(program, finish)
  addMoving(program, finish)
  addHistory(program, finish)
  addState(program, finish)
  return program
}

/** Hands a command its flags and its output, and its exit code on. */
async function perform<Flags extends GlobalOptions>(
  command: Command,
  finish: Finish,
  work: (flags: Flags, output: Output) => Promise<ExitCode> | ExitCode,
): Promise<void> {
  const flags = command.optsWithGlobals<Flags>()
  finish(await work(flags, createOutput(flags)))
}

const mode = () => new Option('--mode <mode>', 'what the target becomes: replace, append, upsert or mirror').choices(modeWords)
const limit = (what: string) => new Option('--limit <n>', what).argParser(parseLimit)
const key = (what: string) => new Option('--key <columns>', what).argParser(collectNames)

function addSetup(program: Command, finish: Finish): void {
  program
    .command('init')
    .description('write a starting config: asks on a terminal, takes flags elsewhere')
    .argument('[dir]', 'where to write it', '.')
    .option('--from <address>', 'what to read')
    .option('--to <address>', 'what to write')
    .addOption(mode())
    .addOption(key('the columns that identify a row, with commas between'))
    .action((directory: string, _, command: Command) =>
      perform<InitFlags>(command, finish, async (flags, output) => (await import('./commands/init.ts')).init(directory, flags, output)),
    )
  program
    .command('check')
    .description('validate the config, open every connection, say what each can do')
    .action((_, command: Command) =>
      perform(command, finish, async (flags, output) => (await import('./commands/check.ts')).check(flags, output)),
    )
  program
    .command('discover')
    .description('list objects; with one object, its columns, types and key')
    .argument('<connection>', 'a connection, a URL or a path')
    .argument('[pattern]', 'names, with * and ?')
    .action((connection: string, pattern: string | undefined, _, command: Command) =>
      perform(command, finish, async (flags, output) =>
        (await import('./commands/discover.ts')).discover(connection, pattern, flags, output),
      ),
    )
  program
    .command('schema')
    .description('print the JSON Schema of the config, for editors')
    .action((_, command: Command) =>
      perform(command, finish, async (_flags, output) => (await import('./commands/schema.ts')).schema(output)),
    )
}

function addComparing(program: Command, finish: Finish): void {
  program
    .command('preview')
    .description('show rows as the target would receive them')
    .argument('<sync>')
    .addOption(limit('how many rows').default(10))
    .action((sync: string, _, command: Command) =>
      perform<PreviewFlags>(command, finish, async (flags, output) => (await import('./commands/preview.ts')).preview(sync, flags, output)),
    )
  const commands = [
    ['plan', 'compute the change set and change nothing'],
    ['verify', 'prove that both sides agree, or show where not'],
  ] as const
  for (const [name, description] of commands) {
    const comparing = program
      .command(name)
      .description(description)
      .argument('[syncs...]', 'all of them where none is named')
      .option('--all', 'show every change')
      .addOption(limit('how many changes of each kind to show; 10 where it is left out'))
      .action((syncs: readonly string[], _, command: Command) =>
        perform<CompareFlags>(command, finish, async (flags, output) =>
          (await import('./commands/compare.ts')).compareSyncs(name, syncs, flags, output),
        ),
      )
    if (name === 'plan')
      comparing
        .option('--save <file>', 'keep it in a file, which `apply` carries out as it is')
        .option('--html <file>', 'write it as a page, to look through in a browser')
  }
  program
    .command('diff')
    .description('compare any two addresses, no config needed')
    .argument('<from>', 'connection#object, URL#object or a path')
    .argument('<to>')
    .addOption(key('the columns that identify a row, with commas between; the primary key where it is left out'))
    .option('--all', 'show every change')
    .addOption(limit('how many changes of each kind to show; 10 where it is left out'))
    .action((from: string, to: string, _, command: Command) =>
      perform<DiffFlags>(command, finish, async (flags, output) => (await import('./commands/diff.ts')).diff(from, to, flags, output)),
    )
}

function addMoving(program: Command, finish: Finish): void {
  program
    .command('run')
    .description('plan and apply in one, in the order of dependencies')
    .argument('[syncs...]', 'all of them where none is named')
    .action((syncs: readonly string[], _, command: Command) =>
      perform(command, finish, async (flags, output) => (await import('./commands/run.ts')).run(syncs, flags, output)),
    )
  program
    .command('apply')
    .description('carry out a saved plan exactly as it is, or refuse because one of its rows has moved')
    .argument('<file>', 'what `plan --save` wrote')
    .action((file: string, _, command: Command) =>
      perform(command, finish, async (flags, output) => (await import('./commands/apply.ts')).apply(file, flags, output)),
    )
  program
    .command('undo')
    .description('take a run back, row by row; rows that others changed since stay and are listed')
    .argument('<run>', 'the id of a run, or how it begins')
    .action((run: string, _, command: Command) =>
      perform(command, finish, async (flags, output) => (await import('./commands/undo.ts')).undo(run, flags, output)),
    )
  program
    .command('copy')
    .description('one sync from the command line, no config needed')
    .argument('<from>', 'connection#object, URL#object or a path')
    .argument('<to>')
    .addOption(mode())
    .addOption(key('the columns that identify a row, with commas between'))
    .addOption(new Option('--guard <off>', 'let it delete or change as much as it does').choices(['off']))
    .action((from: string, to: string, _, command: Command) =>
      perform<CopyFlags>(command, finish, async (flags, output) => (await import('./commands/copy.ts')).copy(from, to, flags, output)),
    )
}

function addHistory(program: Command, finish: Finish): void {
  program
    .command('runs')
    .description('list runs, the newest first')
    .argument('[sync]')
    .addOption(limit('how many runs').default(20))
    .action((sync: string | undefined, _, command: Command) =>
      perform<RunsFlags>(command, finish, async (flags, output) => (await import('./commands/runs.ts')).runs(sync, flags, output)),
    )
  program
    .command('show')
    .description('one run with its counts, timings and errors; what a guard withheld of it')
    .argument('<run>', 'the id of a run, or how it begins')
    .option('--all', 'show every change that was withheld')
    .addOption(limit('how many withheld changes of each kind to show; 10 where it is left out'))
    .action((run: string, _, command: Command) =>
      perform<CompareFlags>(command, finish, async (flags, output) => (await import('./commands/show.ts')).show(run, flags, output)),
    )
  program
    .command('rejects')
    .description('list rows that were set aside, with their reasons')
    .argument('[sync]')
    .option('--run <run>', 'only those of one run')
    .addOption(limit('how many rows').default(100))
    .action((sync: string | undefined, _, command: Command) =>
      perform<RejectsFlags>(command, finish, async (flags, output) => (await import('./commands/rejects.ts')).rejects(sync, flags, output)),
    )
  program
    .command('retry')
    .description('try the rows of a sync that were set aside again, and no others')
    .argument('<sync>')
    .action((sync: string, _, command: Command) =>
      perform(command, finish, async (flags, output) => (await import('./commands/retry.ts')).retry(sync, flags, output)),
    )
}

function addState(program: Command, finish: Finish): void {
  const state = program.command('state').description('watermarks: get, set or reset that of a sync')
  const commands = () => import('./commands/state.ts')
  state
    .command('get')
    .argument('<sync>')
    .description('print the watermark')
    .action((sync: string, _, command: Command) =>
      perform(command, finish, async (flags, output) => (await commands()).getState(sync, flags, output)),
    )
  state
    .command('set')
    .argument('<sync>')
    .addArgument(new Argument('<watermark>', 'the value of the cursor to read from'))
    .description('put a watermark in place of the one there is')
    .action((sync: string, watermark: string, _, command: Command) =>
      perform(command, finish, async (flags, output) => (await commands()).setState(sync, watermark, flags, output)),
    )
  state
    .command('reset')
    .argument('<sync>')
    .description('forget the watermark: the next run reads everything')
    .action((sync: string, _, command: Command) =>
      perform(command, finish, async (flags, output) => (await commands()).resetState(sync, flags, output)),
    )
}
