import type { Reject } from '../../core/changes.ts'

/** `value: column amount: a text where a number is wanted` */
export function reasonText({ reason, column, detail }: Omit<Reject, 'row'>): string {
  return [reason, column === undefined ? '' : `column ${column}`, detail].filter((part) => part !== '').join(': ')
}
