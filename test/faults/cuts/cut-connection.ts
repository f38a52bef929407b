import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../../src/index.ts'
import { FaultyProxy, type NetworkFault } from '../proxy.ts'
import { filledTarget, mirrorOf, runWholeOrNothing } from './whole-or-nothing.ts'

/** A server whose rows are mirrored from, in a database of its own. */
export interface Served extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** A table `s` of the rows of the source. */
  readonly object: string
}

/** Where the connection breaks, of so many bytes that an unbroken read takes: while it is opened and described, within its rows, at its end. */
const places: Readonly<Record<string, (bytes: number) => number>> = {
  'before the first byte': () => 0,
  'after the first byte': () => 1,
  'while it is opened': () => 60,
  'as the table is described': (bytes) => Math.min(2500, Math.floor(bytes / 30)),
  'at a tenth': (bytes) => Math.floor(bytes / 10),
  'in the middle': (bytes) => Math.floor(bytes / 2),
  'at nine tenths': (bytes) => Math.floor(bytes * 0.9),
  ...Object.fromEntries([4000, 1000, 300, 100, 40, 12, 5, 1].map((left) => [`${left} bytes before the end`, (bytes) => bytes - left])),
}

const faults: readonly NetworkFault[] = ['cut', 'truncate']

/** Breaks the connection that rows are read by at every stage: nothing is deleted that the source has, and nothing by halves. */
export function describeCuts(system: string, open: () => Promise<Served>): void {
  describe(`a connection to ${system}`, () => {
    test.each(faults)('that breaks (%s) at any stage of a read changes nothing', { timeout: 180_000 }, async (fault) => {
      await using served = await open()
      await using proxy = await FaultyProxy.open(served.url, served.port)
      const config: ConfigInput = mirrorOf(`source#${served.object}`, { source: proxy.urlOf(served.url) })
      const bytes = await unbroken(proxy, config)
      const ended: Record<string, string> = {}
      for (const [place, at] of Object.entries(places)) {
        using world = filledTarget()
        proxy.arm({ fault, direction: 'down', after: at(bytes) })
        const result = await runWholeOrNothing(world, config)
        ended[place] = proxy.struck ? `${result.status} ${result.error?.code ?? ''}`.trim() : 'ended before'
      }
      const early = Object.keys(places).slice(0, 7)
      expect(Object.fromEntries(early.map((place) => [place, ended[place]]))).toEqual(
        Object.fromEntries(early.map((place) => [place, expect.stringMatching(/^failed (CONNECTION_LOST|CANNOT_CONNECT)$/)])),
      )
    })
  })
}

/** Bytes that come down the connection where nothing breaks it. */
async function unbroken(proxy: FaultyProxy, config: ConfigInput): Promise<number> {
  using world = filledTarget()
  proxy.arm()
  expect((await runWholeOrNothing(world, config)).status).toBe('succeeded')
  return proxy.carried.down
}
