import type { Endpoint } from '../../connectors/connector.ts'
import type { SyncDefinition } from '../../core/definition.ts'
import type { RunRequest, Services } from '../services.ts'
import { type OpenWork, openEnds } from '../work.ts'

/** Opens the target of a sync alone: an undo reads its journal, wherever the source is by now. */
export async function openTarget(services: Services, request: RunRequest, key: readonly string[]): Promise<OpenWork> {
  return await openEnds(services, { ...request, definition: backwards(request.definition, key) }, async () => journal)
}

/** What a sync says of its target, without what it says of reading; the rest of the target is none of an undo's business. */
export function backwards({ scope: _scope, ...definition }: SyncDefinition, key: readonly string[]): SyncDefinition {
  return {
    ...definition,
    from: { connection: definition.from.connection },
    // Rows without a key are replaced as a whole.
    mode: key.length === 0 ? 'replace' : 'upsert',
    key,
    verify: definition.verify === 'full' ? 'checksum' : definition.verify,
    onReject: 'continue',
  }
}

/** The stage reads it, so there is nothing to ask of it. */
export const journal: Endpoint = {
  traits: { atomicity: 'none', consistentReads: true, parallelReads: 1, readsDuringWrite: true, judgesRows: false },
  summary: 'the journal of a run',
  listTables: async () => [],
  describe: async () => undefined,
  adopt: (column) => column,
  [Symbol.asyncDispose]: async () => {},
}
