import type { JsonKind } from './json-walk.ts'
import type { ValuePath } from './value-path.ts'

/** How a value lies to a path: on the way to what it selects, selected, or beside it. `astray`: the path goes on where it cannot. */
export type Bearing = 'on the way' | 'selected' | 'beside' | 'astray' | 'twice'

interface Opened {
  /** How many steps of the path lead here; -1 beside it. */
  readonly steps: number
  seen: boolean
}

/** Where a walk through a document is on a path. */
export class PathWalk {
  readonly #path: ValuePath
  readonly #open: Opened[] = []

  constructor(path: ValuePath) {
    this.#path = path
  }

  /** A value begins. One that is a container has to be ended, unless it is selected and `takesObjects` says that it is taken as a whole. */
  begin(kind: JsonKind, name: string | undefined, takesObjects = false): Bearing {
    const parent = this.#open.at(-1)
    const steps = this.#steps(parent, name)
    const next = this.#path.steps[steps]
    const taken = takesObjects && kind === 'object' && steps >= 0 && !next
    if (kind !== 'scalar' && !taken) this.#open.push({ steps, seen: false })
    if (steps < 0) return 'beside'
    const twice = parent?.seen === true && name !== undefined
    if (parent) parent.seen = true
    if (twice) return 'twice'
    if (!next) return 'selected'
    return kind === (next.kind === 'each' ? 'array' : 'object') ? 'on the way' : 'astray'
  }

  /**
   * The container that was opened last ends.
   * @returns the name of the member that the path asks for and that it did not have.
   */
  end(): string | undefined {
    const container = this.#open.pop()
    if (!container || container.steps < 0 || container.seen) return undefined
    const step = this.#path.steps[container.steps]
    return step?.kind === 'member' ? step.name : undefined
  }

  #steps(parent: Opened | undefined, name: string | undefined): number {
    if (!parent) return 0
    const step = parent.steps < 0 ? undefined : this.#path.steps[parent.steps]
    const follows = step?.kind === 'member' ? step.name === name : step?.kind === 'each' && name === undefined
    return follows ? parent.steps + 1 : -1
  }
}
