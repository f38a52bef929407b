import { expect } from 'vitest'
import { SynclineError } from '../../../src/core/errors.ts'
import type { Case } from '../case.ts'
import { type Edge, edges, rarities } from '../edges.ts'
import type { Cells } from '../exchange.ts'
import { given, type Place, sorted } from '../place.ts'

/** Every type keeps its values, through every form that the writer takes; what the system lacks is refused, never altered. */
export function holding(lacks: Readonly<Record<string, readonly string[]>>): readonly Case[] {
  const isLacked = ({ name }: Edge, text: string) => lacks[name]?.includes(text) ?? false
  return [
    ...edges.map((edge) => ({ name: `keeps ${edge.name}`, run: (place: Place) => keeps(place, edge, (text) => !isLacked(edge, text)) })),
    ...rarities.map((edge) => ({
      name: `keeps rare ${edge.name}`,
      run: (place: Place) => keeps(place, edge, (text) => !isLacked(edge, text)),
    })),
    ...[...edges, ...rarities]
      .filter((edge) => edge.texts.some((text) => isLacked(edge, text)))
      .map((edge) => ({
        name: `refuses ${edge.name} that it cannot hold: ${edge.texts
          .filter((text) => isLacked(edge, text))
          .map(short)
          .join(', ')}`,
        run: (place: Place) => refuses(place, edge, (text) => isLacked(edge, text)),
      })),
  ]
}

async function keeps(place: Place, edge: Edge, held: (text: string) => boolean): Promise<void> {
  const texts = edge.texts.filter(held)
  if (texts.length === 0) return
  for (const form of given(place.endpoint.writer, 'writer').accepts.filter((accepted) => accepted !== 'pgcopy')) {
    const table = place.table(
      `held_${form}`,
      [
        ['id', 'integer'],
        ['v', edge.name],
      ],
      ['id'],
    )
    const cells: readonly Cells[] = [...texts, null].map((text, index) => [String(index), text])
    expect(await place.fill(table, cells, form)).toBe(cells.length)
    expect(await place.read(table), `${edge.name} as ${form}`).toEqual(sorted(cells))
  }
}

async function refuses(place: Place, edge: Edge, lacked: (text: string) => boolean): Promise<void> {
  for (const form of given(place.endpoint.writer, 'writer').accepts.filter((accepted) => accepted !== 'pgcopy')) {
    for (const text of edge.texts.filter(lacked)) {
      const table = place.table(
        'refused',
        [
          ['id', 'integer'],
          ['v', edge.name],
        ],
        ['id'],
      )
      await using session = await place.begin()
      await session.ensureTable(table)
      const loading = place.append(session, table, [['1', text]], form)
      await expect(loading, `${short(text)} as ${form}`).rejects.toBeInstanceOf(SynclineError)
    }
  }
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 20)}… of ${text.length} characters` : JSON.stringify(text)
}
