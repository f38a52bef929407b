import type { RejectReason } from '../core/changes.ts'
import { formatType } from '../core/types.ts'
import { exactText } from '../duckdb/exact-text.ts'
import type { Cell } from './cells.ts'
import type { ConformOptions } from './contract.ts'
import { limitOf } from './limits.ts'
import { heldAs } from './staged.ts'

/** One way in which a cell can fail, and the bit that says so in a row of the conformed table. */
export interface Fault {
  readonly reason: RejectReason
  /** Position of the column. */
  readonly index: number
  readonly column: string
  readonly detail: string
  /** Over the landed cell `=<n>` and the conformed cell `+<n>`. */
  readonly condition: string
}

/** Every way in which a row can fail by itself, the ones that people should be told of first in front. */
export function faultsOf(cells: readonly Cell[], { key = [], enforce = false }: ConformOptions): readonly Fault[] {
  const all = cells.map((cell, index) => ({ cell, index }))
  const keys = all.filter(({ cell }) => key.includes(cell.conforming.to.name))
  const values = all.filter(({ cell }) => cell.mayFail)
  if (!enforce) return [...keys.map(nullKey), ...all.flatMap(noValue), ...values.flatMap(offOffset), ...values.map(badValue)]
  const required = all.filter(
    ({ cell }) => !cell.conforming.to.nullable && !cell.conforming.to.generated && !keys.some((one) => one.cell === cell),
  )
  return [
    ...keys.map(nullKey),
    ...all.flatMap(noValue),
    ...values.flatMap(offOffset),
    ...values.map(badValue),
    ...all.flatMap(refusedCharacter),
    ...all.flatMap(outOfLimits),
    ...required.map(missing),
    ...all.flatMap(tooLong),
    ...all.flatMap(tooManyBytes),
    ...all.flatMap(tooShort),
  ]
}

interface Placed {
  readonly cell: Cell
  readonly index: number
}

function nullKey({ cell, index }: Placed): Fault {
  const column = cell.conforming.to.name
  return { reason: 'null key', index, column, detail: 'a key column is NULL', condition: `"=${index}" IS NULL` }
}

/** A text that would be a moment of the other kind: what it lacks, or has too much of, is an offset, and a zone tells what it means. */
function offOffset({ cell, index }: Placed): readonly Fault[] {
  const { from, to, zone } = cell.conforming
  const { kind } = to.type
  if (zone !== undefined || (kind !== 'timestamp' && kind !== 'timestamptz')) return []
  const isInstant = kind === 'timestamptz'
  const wanted = to.native?.name ?? formatType(to.type)
  const other = exactText(`"=${index}"`, { ...to.type, kind: isInstant ? 'timestamp' : 'timestamptz' })
  const why = isInstant
    ? 'it has no offset; `zone` of the connection it is read from says by which clocks it was written'
    : 'it has an offset; `zone` of the target’s connection says by which clocks it is to be written'
  return [
    {
      reason: 'value',
      index,
      column: to.name,
      detail: `\`${from}\` is not exactly a value of ${wanted}: ${why}`,
      // Of rows that fit nothing more is asked: a CASE computes the other kind only where it is wanted.
      condition: `CASE WHEN "+${index}" IS NULL AND "=${index}" IS NOT NULL THEN ${other} IS NOT NULL ELSE false END`,
    },
  ]
}

function noValue({ cell, index }: Placed): readonly Fault[] {
  const { from, to } = cell.conforming
  if (!cell.invalid) return []
  const detail = `\`${from}\` holds no value: an error such as #N/A, or a formula without a saved value, as its cell says`
  return [{ reason: 'value', index, column: to.name, detail, condition: `"=${index}" IS NOT NULL AND ${cell.invalid(`"=${index}"`)}` }]
}

function badValue({ cell, index }: Placed): Fault {
  const { from, to, zone } = cell.conforming
  const column = to.name
  const wanted = to.native?.name ?? formatType(to.type)
  const byClocks = zone === undefined ? '' : ` by the clocks of ${zone}, which skip some times and show others twice`
  const detail = `\`${from}\` is not exactly a value of ${wanted}${byClocks}`
  return { reason: 'value', index, column, detail, condition: `"+${index}" IS NULL AND "=${index}" IS NOT NULL` }
}

function missing({ cell, index }: Placed): Fault {
  const column = cell.conforming.to.name
  return { reason: 'not null', index, column, detail: `${column} must not be NULL`, condition: `"=${index}" IS NULL` }
}

function refusedCharacter({ cell, index }: Placed): readonly Fault[] {
  const { name: column, type, refuses = '' } = cell.conforming.to
  if (type.kind !== 'text') return []
  return [...refuses].map((character) => {
    const code = character.codePointAt(0) ?? 0
    const detail = `${column} cannot hold the character U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    return { reason: 'value', index, column, detail, condition: `contains("+${index}", chr(${code}))` }
  })
}

function outOfLimits({ cell, index }: Placed): readonly Fault[] {
  const { to, held } = cell.conforming
  const condition = limitOf(`"+${index}"`, to, heldAs({ [to.name]: held }, to))
  if (condition === undefined) return []
  const detail = `${to.name} (${to.native?.name ?? formatType(to.type)}) does not reach so far`
  return [{ reason: 'value', index, column: to.name, detail, condition }]
}

function tooLong({ cell, index }: Placed): readonly Fault[] {
  const { name: column, type } = cell.conforming.to
  if ((type.kind !== 'text' && type.kind !== 'bytes') || type.length === undefined) return []
  const [length, unit] = type.kind === 'text' ? ['length', 'characters'] : ['octet_length', 'bytes']
  const detail = `${column} holds at most ${type.length} ${unit}`
  return [{ reason: 'too long', index, column, detail, condition: `${length}("+${index}") > ${type.length}` }]
}

function tooManyBytes({ cell, index }: Placed): readonly Fault[] {
  const { name: column, type, limits } = cell.conforming.to
  if (type.kind !== 'text' || limits?.bytes === undefined) return []
  const detail = `${column} holds at most ${limits.bytes} bytes`
  return [{ reason: 'too long', index, column, detail, condition: `strlen("+${index}") > ${limits.bytes}` }]
}

function tooShort({ cell, index }: Placed): readonly Fault[] {
  const { name: column, type, limits } = cell.conforming.to
  if (type.kind !== 'bytes' || type.length === undefined || !limits?.fixed) return []
  const detail = `${column} holds exactly ${type.length} bytes, and fewer would be filled up`
  return [{ reason: 'value', index, column, detail, condition: `octet_length("+${index}") < ${type.length}` }]
}

/** Bits of one number; 60 leave room for every one of them in a BIGINT. */
const bits = 60

/** The numbers in which each fault has its bit, as SQL over landed and conformed cells. In the conformed table they are `f0`, `f1` … */
export function faultWords(faults: readonly Fault[]): readonly string[] {
  const words: string[] = []
  for (let start = 0; start < faults.length; start += bits) {
    const terms = faults.slice(start, start + bits).map((fault, bit) => `if(${fault.condition}, ${2n ** BigInt(bit)}, 0)::BIGINT`)
    words.push(terms.join(' | '))
  }
  return words
}

/** Whether a row has a fault at all, by its numbers: those of the conformed table unless others are named. */
export function faulty(faults: readonly Fault[], name = (word: number) => `f${word}`): string {
  const words = faultWords(faults).map((_, word) => `${name(word)} <> 0`)
  return words.length === 0 ? 'false' : `(${words.join(' OR ')})`
}

/** Whether a row of the conformed table has this fault. */
export function hasFault(position: number): string {
  return `f${Math.floor(position / bits)} & ${2n ** BigInt(position % bits)} <> 0`
}
