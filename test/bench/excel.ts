import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import type { Bench, Case } from './cases.ts'
import { measure } from './measure.ts'

/** A Python that has pandas and openpyxl; without one there is nothing to be measured against. */
const python = process.env.SYNCLINE_BENCH_PANDAS

/** Reading a book of 100,000 rows and 8 columns, which pandas itself wrote. */
export function excelCases({ folder, syncline }: Bench): readonly Case[] {
  if (python === undefined) return []
  const read = "import pandas; pandas.read_excel('book.xlsx', engine='openpyxl')"
  return [
    {
      name: 'Excel → CSV, replace, 100,000 rows of 8 columns',
      limitName: '`pandas.read_excel` by openpyxl, which only reads',
      atMost: 0.25,
      prepare: async () => {},
      limit: `exec ${python} -c "${read}"`,
      syncline: `exec ${syncline} copy ${join(folder, 'book.xlsx')} ${join(folder, 'book-out.csv')} --mode replace --quiet`,
    },
  ]
}

/** Makes the book that the cases read. */
export async function createBook(folder: string): Promise<void> {
  const out = createWriteStream(join(folder, 'book.csv'))
  out.write('id,customer,country,amount,rate,day,at,ok\n')
  for (let id = 1; id <= 100_000; id++) {
    const day = new Date(Date.UTC(2020, 0, 1 + (id % 2000))).toISOString()
    const at = new Date(Date.UTC(2024, 0, 1) + id * 61_000).toISOString().slice(0, 19).replace('T', ' ')
    const cells = [id, `Customer ${id} & Söhne`, ['DE', 'FR', 'US', 'JP'][id % 4], ((id * 7919) % 1_000_000) / 100, (id % 100) / 100]
    out.write(`${[...cells, day.slice(0, 10), at, id % 3 === 0].join(',')}\n`)
  }
  out.end()
  await finished(out)
  const write =
    "import pandas; pandas.read_csv('book.csv', parse_dates=['day', 'at']).to_excel('book.xlsx', index=False, engine='openpyxl')"
  await measure(`${python} -c "${write}"`, { cwd: folder })
}
