import { type Address, type AddressContext, parseAddress } from '../config/addresses.ts'
import { resolveFamily } from '../config/family.ts'
import { parseGuard } from '../config/guard.ts'
import { formatAddress } from '../core/address.ts'
import type { Mode, SyncDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import { shellWord } from '../core/shell.ts'

/** What a command line says of a sync. */
export interface Adhoc {
  readonly from: string
  readonly to: string
  readonly mode: Mode
  readonly key?: readonly string[] | undefined
  readonly guard?: 'off' | undefined
}

/** A sync of two addresses, for commands that need no config. */
export function adhocSync({ from, to, mode, key = [], guard }: Adhoc, context: AddressContext): SyncDefinition {
  const source = withObject(parseAddress(from, context), from)
  const target = withObject(parseAddress(to, context), to)
  const family = resolveFamily(
    {},
    {
      from: source,
      to: target,
      path: [],
      context: { directory: context.directory, place: () => '' },
      report: ({ message, hint }) => {
        throw new ConfigError({ code: 'BAD_ADDRESS', message, ...(hint === undefined ? {} : { hint }) })
      },
    },
  )
  return {
    name: `${shown(source)} to ${shown(target)}`,
    from: source,
    to: target,
    mode,
    ...(key.length > 0 ? { key } : {}),
    ...(guard === undefined ? {} : { guard: parseGuard(guard) }),
    verify: 'checksum',
    onReject: mode === 'replace' ? 'stop' : 'continue',
    after: [],
    tags: [],
    ...(family === undefined ? {} : { family }),
  }
}

function shown({ connection, object, options }: ReturnType<typeof withObject>): string {
  return formatAddress(connection, object, options?.sheet)
}

function withObject({ connection, object, sheet }: Address, text: string) {
  if (object !== undefined) return { connection, object, ...(sheet === undefined ? {} : { options: { sheet } }) }
  throw new ConfigError({
    code: 'BAD_ADDRESS',
    message: `\`${connection.name}\` names a connection; expected an object of it`,
    hint: `write ${text.includes('#') ? 'connection#table' : `${connection.name}#table`}; see what is there: syncline discover ${shellWord(connection.name)}`,
  })
}
