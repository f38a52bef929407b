import { existsSync } from 'node:fs'
import { absolutePath } from '../config/paths.ts'
import type { Endpoint } from '../connectors/connector.ts'
import { formatAddress } from '../core/address.ts'
import type { ConnectionDefinition, TargetDefinition } from '../core/definition.ts'
import { RunError } from '../core/errors.ts'
import { didYouMean } from '../core/nearest.ts'
import { shellWord } from '../core/shell.ts'

/** @throws RunError where a target that is only read does not exist. */
export async function refuseMissingTarget({ connection, object, options }: TargetDefinition, endpoint: Endpoint): Promise<void> {
  if (await endpoint.describe({ name: object, ...(options ? { options } : {}) })) return
  throw notFound(object, connection, await endpoint.listTables(), options?.sheet)
}

/**
 * For a list of objects that is empty: a place that does not exist holds nothing, either, and a name without wildcards is
 * meant to be there.
 * @param directory where relative paths of the connection begin.
 */
export async function refuseMissing(
  connection: ConnectionDefinition,
  wanted: string | undefined,
  endpoint: Endpoint,
  directory: string,
): Promise<void> {
  const { path } = connection.options
  const place = typeof path === 'string' ? absolutePath(path, directory) : undefined
  if (place !== undefined && !existsSync(place)) {
    const hint = `looked for ${place}; relative paths begin in ${directory}`
    throw new RunError({ code: 'FILE_NOT_FOUND', message: `${connection.name} does not exist`, hint })
  }
  if (wanted !== undefined && !/[*?]/.test(wanted)) throw notFound(wanted, connection, await endpoint.listTables())
}

function notFound(
  object: string,
  connection: ConnectionDefinition,
  there: Awaited<ReturnType<Endpoint['listTables']>>,
  sheet?: unknown,
): RunError {
  const meant = didYouMean(
    object,
    there.map(({ name }) => name),
  )
  return new RunError({
    code: 'TABLE_NOT_FOUND',
    message: `${formatAddress(connection, object, typeof sheet === 'string' ? sheet : undefined)} does not exist`,
    hint: meant ?? `see what is there: syncline discover ${shellWord(connection.name)}`,
  })
}
