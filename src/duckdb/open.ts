import { DuckDBInstance } from '@duckdb/node-api'

export interface DuckDBSettings {
  /** Where it spills; a directory of this run. */
  readonly temporaryDirectory: string
  /** For example `1GB`. */
  readonly memoryLimit: string
  readonly threads?: number
  readonly readOnly?: boolean
}

/**
 * Opens a database, `:memory:` for none on disk. Nothing is ever installed from the network (rule 12) and sessions run in
 * UTC (rule 8).
 */
export async function openDuckDB(path: string, settings: DuckDBSettings): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(path, {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: settings.temporaryDirectory,
    memory_limit: settings.memoryLimit,
    preserve_insertion_order: 'false',
    ...givesBack,
    ...(settings.threads === undefined ? {} : { threads: String(settings.threads) }),
    ...(settings.readOnly ? { access_mode: 'READ_ONLY' } : {}),
  })
  await useUtc(instance)
  return instance
}

/**
 * What was freed goes back to the system: after a while, and at once where much was freed together. By itself the allocator
 * keeps up to half a gigabyte beside what the memory limit counts, and more the longer a run takes. The limit on single frees
 * (`allocator_flush_threshold`) would take time; these two cost none that could be measured.
 */
const givesBack = {
  allocator_background_threads: 'true',
  allocator_bulk_deallocation_flush_threshold: '32MB',
} as const

/** The time zone belongs to an extension that is loaded after the options are read, so it cannot be one of them. */
async function useUtc(instance: DuckDBInstance): Promise<void> {
  const connection = await instance.connect()
  await connection.run("SET GLOBAL TimeZone = 'UTC'")
  connection.disconnectSync()
}
