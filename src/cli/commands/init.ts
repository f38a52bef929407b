import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { type ModeWord, modeOf } from '../../config/modes.ts'
import type { Mode } from '../../core/definition.ts'
import { ConfigError } from '../../core/errors.ts'
import { shellWord } from '../../core/shell.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { type StartingPoint, startingConfig } from '../init/starting-config.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { escapeControls } from '../screen/escape.ts'

export interface InitFlags extends GlobalOptions {
  readonly from?: string
  readonly to?: string
  readonly mode?: ModeWord
  readonly key?: readonly string[]
}

/** Writes a config that loads, and refuses to write over one. */
export async function init(directory: string, flags: InitFlags, output: Output): Promise<ExitCode> {
  const target = resolve(directory)
  const { findConfig } = await import('../../config/find.ts')
  const existing = existsSync(target) ? findConfig(target) : undefined
  if (existing !== undefined) throw alreadyThere(existing)
  const { text, variables } = startingConfig(await startingPoint(flags, output), process.cwd(), target)
  await check(text, target)
  await mkdir(target, { recursive: true })
  const path = join(target, 'syncline.yaml')
  await writeFile(path, text, { flag: 'wx' })
  if (output.json) output.document({ path, variables })
  else output.print(closing(path, variables))
  return exitCodes.done
}

/** Flags, then questions where a person sits at a terminal, then an example. */
async function startingPoint({ from, to, mode, key, yes, json }: InitFlags, output: Output): Promise<StartingPoint> {
  const given = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), ...modeAndKey(mode && modeOf(mode), key) }
  const complete = from !== undefined && to !== undefined
  if (complete || yes || json || !process.stdin.isTTY || !output.terminal) return given
  const { ask } = await import('../init/ask.ts')
  return await ask(given)
}

function modeAndKey(mode: Mode | undefined, key: readonly string[] | undefined) {
  return { ...(mode === undefined ? {} : { mode }), ...(key === undefined ? {} : { key }) }
}

/** What was asked for may not be an address: said before anything is written. */
async function check(text: string, directory: string): Promise<void> {
  const { checkYaml } = await import('../../config/load.ts')
  await checkYaml(text, directory)
}

function alreadyThere(path: string): ConfigError {
  return new ConfigError({
    code: 'CONFIG_EXISTS',
    message: `${path} is there already; init does not write over a config`,
    hint: 'edit it, or name another folder: syncline init FOLDER',
  })
}

function closing(path: string, variables: readonly string[]): readonly string[] {
  const folder = relative(process.cwd(), dirname(path))
  return [
    `wrote ${escapeControls(relative(process.cwd(), path))}`,
    ...variables.map((name) => `the password was not written: set the environment variable ${name} to it`),
    `next: ${folder === '' ? '' : `cd ${escapeControls(shellWord(folder))} && `}syncline check, then syncline plan, then syncline run`,
  ]
}
