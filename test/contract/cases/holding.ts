import { expect } from 'vitest'
import { SynclineError } from '../../../src/core/errors.ts'
import { parseType } from '../../../src/core/types.ts'
import type { Case } from '../case.ts'
import { type Edge, edges, heldEdges, type Lacks, merged, rarities } from '../edges.ts'
import type { Cells } from '../exchange.ts'
import { given, type Place, sorted } from '../place.ts'

/** Every type keeps its values, through every form that the writer takes; what the system lacks is refused, never altered. */
export function holding(lacks: Lacks, equates: Lacks): readonly Case[] {
  const absent = merged(lacks, equates)
  return [
    ...heldEdges(edges, absent).map((edge) => ({ name: `keeps ${edge.name}`, run: (place: Place) => keeps(place, edge) })),
    ...heldEdges(rarities, absent).map((edge) => ({ name: `keeps rare ${edge.name}`, run: (place: Place) => keeps(place, edge) })),
    ...Object.entries(lacks).map(([type, texts]) => ({
      name: `refuses or keeps ${type}, and never alters it: ${texts.map(short).join(', ')}`,
      run: (place: Place) => refuses(place, type, texts),
    })),
  ]
}

async function keeps(place: Place, { name, texts }: Edge): Promise<void> {
  for (const form of given(place.endpoint.writer, 'writer').accepts.filter((accepted) => accepted !== 'pgcopy')) {
    const table = place.table(
      `held_${form}`,
      [
        ['id', 'integer'],
        ['v', name],
      ],
      ['id'],
    )
    const cells: readonly Cells[] = [...texts, null].map((text, index) => [String(index), text])
    expect(await place.fill(table, cells, form)).toBe(cells.length)
    const found = await place.read(table)
    const spelled = parseType(name).kind === 'float' ? found.map(([id, text]) => [id, sameNumber(text)]) : found
    expect(spelled, `${name} as ${form}`).toEqual(sorted(cells))
  }
}

/** Engines agree on the digits of a number, and not on when to write an exponent. */
function sameNumber(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null
  return Object.is(Number(text), -0) ? '-0' : String(Number(text))
}

async function refuses(place: Place, type: string, texts: readonly string[]): Promise<void> {
  for (const form of given(place.endpoint.writer, 'writer').accepts.filter((accepted) => accepted !== 'pgcopy')) {
    for (const [index, text] of texts.entries()) {
      const table = place.table(
        `refused_${form}_${index}`,
        [
          ['id', 'integer'],
          ['v', type],
        ],
        ['id'],
      )
      const refusal = await place.fill(table, [['1', text]], form).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (refusal === undefined) expect(await place.read(table), `${short(text)} as ${form}`).toEqual([['1', text]])
      else expect(refusal, `${short(text)} as ${form}`).toBeInstanceOf(SynclineError)
    }
  }
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 20)}… of ${text.length} characters` : JSON.stringify(text)
}
