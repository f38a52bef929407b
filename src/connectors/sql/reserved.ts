/** The table in which engines that cannot be asked about a transaction note their commits (rule 17). */
export const commitsTable = '_syncline_commits'

/** Whether a table is Syncline's own and hidden from listings. */
export function isReserved(name: string): boolean {
  return name.startsWith('_syncline_')
}
