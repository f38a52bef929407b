import { openSyncline, type Syncline } from '../app.ts'
import { findConfig, noConfig } from '../config/find.ts'
import type { GlobalOptions } from './options.ts'
import type { Output } from './output.ts'

/** Opens what the flags ask for; commands that work by addresses alone need no config. */
export async function openSession(options: GlobalOptions, output: Output): Promise<Syncline> {
  const { config, set } = options
  return await openSyncline({
    ...(config === undefined ? {} : { config }),
    ...(set === undefined ? {} : { set }),
    cwd: process.cwd(),
    logger: output.logger,
  })
}

/** The same for commands that are about syncs. @throws ConfigError where there is no config. */
export async function openConfigured(options: GlobalOptions, output: Output): Promise<Syncline> {
  const directory = process.cwd()
  if (options.config === undefined && findConfig(directory) === undefined) throw noConfig(directory)
  return await openSession(options, output)
}

/** What `--select` and `--exclude` say, and the syncs that are named. */
export function selection({ select, exclude }: GlobalOptions, syncs: readonly string[]) {
  return { syncs, ...(select === undefined ? {} : { select }), ...(exclude === undefined ? {} : { exclude }) }
}
