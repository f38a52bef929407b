import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunError } from '../core/errors.ts'
import { holdFile } from './exclusive.ts'

/** Disposing removes it and all that lies in it. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string
}

const prefix = 'syncline-'
/** The prefix and what `mkdtemp` adds. */
const pattern = /^syncline-[A-Za-z0-9]{6}$/
/** What is being removed has a name of its own: its maker, should it be about to hold it, finds nothing and makes another one. */
const going = '-going'

/**
 * A directory of its own in that of the system (`TMPDIR`), mode 0700. Each is held by its process as long as it lives, and whoever makes one
 * first removes those that processes left behind which were killed.
 * @throws RunError (`NO_TEMPORARY_DIRECTORY`) where none can be made.
 */
export async function openTemporaryDirectory(): Promise<TemporaryDirectory> {
  try {
    await removeAbandoned()
    while (true) {
      const path = await mkdtemp(join(tmpdir(), prefix))
      const held = hold(path)
      if (held) return { path, [Symbol.asyncDispose]: async () => await release(path, held) }
    }
  } catch (cause) {
    throw new RunError({
      code: 'NO_TEMPORARY_DIRECTORY',
      message: `no directory can be made in ${tmpdir()}: ${cause instanceof Error ? cause.message : 'it may not be written'}`,
      hint: 'see that its disk has room and that it may be written, or set TMPDIR to another place',
      cause,
    })
  }
}

async function release(path: string, held: Disposable): Promise<void> {
  held[Symbol.dispose]()
  await remove(path)
}

/** `undefined` where another process took the directory for an abandoned one before it was held. */
function hold(path: string): Disposable | undefined {
  try {
    const held = holdFile(lockOf(path))
    if (existsSync(lockOf(path))) return held
    held?.[Symbol.dispose]()
    return undefined
  } catch (error) {
    if (!existsSync(path)) return undefined
    throw error
  }
}

async function removeAbandoned(): Promise<void> {
  const names = await readdir(tmpdir())
  for (const name of names) {
    const path = join(tmpdir(), name)
    // Those of other accounts, and those that vanish meanwhile, are none of ours.
    if (pattern.test(name)) await removeIfAbandoned(path).catch(() => {})
    else if (name.endsWith(going) && pattern.test(name.slice(0, -going.length))) await remove(path).catch(() => {})
  }
}

/** One that nothing is in may be a moment old: its maker makes another one. */
async function removeIfAbandoned(path: string): Promise<void> {
  if (!existsSync(lockOf(path))) return await rmdir(path)
  using held = holdFile(lockOf(path))
  if (!held) return
  await rename(path, `${path}${going}`)
  await remove(`${path}${going}`)
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 })
}

function lockOf(path: string): string {
  return join(path, '.lock')
}
