import type { Keep, Kept } from '../connector.ts'

/** The table in which engines that cannot be asked about a transaction note their commits (rule 17). */
export const commitsTable = '_syncline_commits'

/** Whether a table is Syncline's own and hidden from listings. */
export function isReserved(name: string): boolean {
  return name.startsWith('_syncline_')
}

/** Why the former rows of a table are not kept. */
export function tooLarge(bytes: number, { bytes: most }: Keep): Kept {
  return { none: `the rows that it replaced take ${bytes} bytes, and \`journal\` allows ${most}` }
}

/** What becomes of former rows where the user may write to a table and make none. */
export const mayNotCreate: Kept = { none: 'the user may create no table to keep the rows that it replaced' }
