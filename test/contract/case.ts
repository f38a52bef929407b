import type { Place } from './place.ts'

/** One promise of the contract, tried in a system of its own. */
export interface Case {
  readonly name: string
  run(place: Place): Promise<void>
}
