import { setTimeout } from 'node:timers/promises'
import type { Scene } from './scene.ts'
import type { Store } from './stores.ts'

/** What a run may leave in a target beside its tables: the proof of its commits, where that takes a table. */
const documented = '_syncline_commits'

/** The former rows of a run that loaded, which an undo needs: the run's id ends the name. */
const former = /^_syncline_former_.*_([0-9a-f]+)$/

/** After a run that nothing disturbed: both sides in step, nothing left behind. @throws Error that says what is not so. */
export async function checkInStep(scene: Scene): Promise<void> {
  const { source, target } = await scene.digests()
  expectEqual('the source', source, scene.wanted)
  expectEqual('the target', target, scene.wanted)
  const succeeded = new Set(scene.succeeded())
  const isKept = (id: string | undefined) => id !== undefined && succeeded.has(id)
  const tables = (await scene.target.tables()).filter(
    (table) => table !== documented && !scene.tables.includes(table) && !isKept(former.exec(table)?.[1]),
  )
  if (tables.length > 0) throw new Error(`tables are left behind in the target: ${tables.join(', ')}`)
  const journals = scene.journals().filter((file) => !isKept(file.split('.', 1)[0]))
  if (journals.length > 0) throw new Error(`journals of runs that did not succeed are left behind: ${journals.join(', ')}`)
  const files = scene.temporaries()
  if (files.length > 0) throw new Error(`left behind in the temporary directory: ${files.join(', ')}`)
}

function expectEqual(what: string, found: string, wanted: string): void {
  if (found !== wanted) throw new Error(`${what} holds ${found}; expected ${wanted}`)
}

/** Looks at a table again and again, as readers of it do, until it is stopped. */
export class Watch {
  readonly #seen = new Set<string>()
  readonly #looking: Promise<void>
  #stopped = false

  constructor(store: Store) {
    this.#looking = this.#look(store)
    // Whoever stops it hears of this.
    this.#looking.catch(() => {})
  }

  /** All that it has seen. */
  async stop(): Promise<ReadonlySet<string>> {
    this.#stopped = true
    await this.#looking
    return this.#seen
  }

  async #look(store: Store): Promise<void> {
    while (!this.#stopped) {
      this.#seen.add(await store.glance('t'))
      await setTimeout(15)
    }
  }
}
