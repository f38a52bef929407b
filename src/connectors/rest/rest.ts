import type { Connector } from '../connector.ts'
import { parseRestOptions, type RestOptions } from './client/options.ts'
import { openSource } from './source/source.ts'
import { withTarget } from './target/target.ts'

/** APIs over HTTP: any JSON, NDJSON, CSV or XML to read, requests by template to write. */
export const rest: Connector<RestOptions> = {
  name: 'rest',
  parseOptions: parseRestOptions,
  open: async (options, context) => withTarget(await openSource(options, context), options, context),
}
