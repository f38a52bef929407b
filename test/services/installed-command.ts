import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inject } from 'vitest'
import { bundle } from '../../scripts/build/bundle.ts'
import { askDesk } from './fresh-database.ts'

/** The path of the command as it is published, bundled when the first test of a run asks: it starts twice as fast as its sources. */
export async function installedCommand(): Promise<string> {
  return await askDesk(inject('commandDesk'))
}

/** Bundles the command into a folder of its own, in which nobody builds anew. */
export async function installCommand(): Promise<{ readonly url: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'syncline-command-'))
  for (const name of ['package.json', 'node_modules', 'assets']) await symlink(resolve(name), join(folder, name))
  await bundle(join(folder, 'dist'))
  return {
    url: join(folder, 'dist', 'cli.js'),
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true, force: true }),
  }
}
