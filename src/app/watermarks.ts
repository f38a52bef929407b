import type { SyncDefinition } from '../core/definition.ts'
import type { RunRequest, Services } from '../sync/services.ts'
import { selectSyncs } from './selection.ts'
import type { Syncline } from './syncline.ts'
import { namesMany, selectTable } from './tables.ts'

interface Watermarked {
  readonly services: Services
  readonly syncs: readonly SyncDefinition[]
  /** What both ends are opened with to learn the cursor's type. */
  readonly checked: (definition: SyncDefinition) => RunRequest
}

/** How far syncs with a cursor have read, as the state has it. */
export function watermarksOf({ services, syncs, checked }: Watermarked): Syncline['watermarks'] {
  const known = (sync: string) => {
    if (isFamily(sync, syncs)) throw namesMany(sync)
    return sync
  }
  return {
    get: async (sync) => await (await services.state()).watermark(known(sync)),
    set: async (sync, watermark) => {
      const definition = await selectTable(services, syncs, known(sync))
      const { checkWatermark } = await import('../sync/check-watermark.ts')
      const canonical = await checkWatermark(services, checked(definition), watermark)
      await (await services.state()).setWatermark(sync, canonical)
    },
    /** Of a family, those of all its tables. */
    reset: async (sync) => {
      const state = await services.state()
      for (const name of isFamily(sync, syncs) ? await state.keptFor(sync) : [sync]) {
        await state.setWatermark(name, null)
        await state.forgetCommit(name)
      }
    },
  }
}

/** Whether a name is that of many tables together. @throws ConfigError where no sync has it. */
function isFamily(sync: string, syncs: readonly SyncDefinition[]): boolean {
  const [definition] = selectSyncs(syncs, { syncs: [sync] })
  return definition?.family !== undefined && definition.name === sync
}
