import * as z from 'zod/mini'
import { describe, section, text } from './shapes.ts'

const agePattern = /^\d{1,5}\s*[hdw]$/
const sizePattern = /^\d{1,6}\s*[KMGT]B$/
const sharePattern = /^\d{1,3}(\.\d+)?\s*%$/

const limitForms = '10%, 500, [10%, 500] or { percent: 10, count: 500 } for both'
const rows = z.int({ error: limitForms }).check(z.nonnegative(limitForms))
const share = z.string({ error: limitForms }).check(z.regex(sharePattern, limitForms))
const percent = 'a number of percent such as 10'
const both = section(
  {
    percent: z.optional(
      z
        .union([z.number().check(z.nonnegative(percent)), z.string().check(z.regex(sharePattern, percent))], { error: percent })
        .check(describe('A share of the rows of the target.')),
    ),
    count: z.optional(
      z.int({ error: 'a number of rows such as 500' }).check(z.nonnegative('a number of rows such as 500')).check(describe('Rows.')),
    ),
  },
  'a map with percent, count or both',
).check(
  z.refine(({ percent, count }) => percent !== undefined || count !== undefined, {
    error: 'a map with percent, count or both',
    when: ({ issues }) => issues.length === 0,
  }),
)
const tuple = <One extends z.core.$ZodType, Other extends z.core.$ZodType>(one: One, other: Other) =>
  z.tuple([one, other], { error: limitForms })
const limitOf = () => z.union([rows, share, tuple(share, rows), tuple(rows, share), both], { error: limitForms })
const limit = limitOf().check(
  describe('Rows (500), a share of the rows of the target (10%), or [10%, 500] or { percent: 10, count: 500 }: withheld past both.'),
)

export const guard = z.union(
  [
    z.literal('off'),
    section(
      {
        inserts: z.optional(limit),
        updates: z.optional(limit),
        deletes: z.optional(limit),
        empty: z.optional(
          z
            .enum(['allow', 'withhold'], { error: 'allow or withhold' })
            .check(describe('Whether an empty source may meet a target that holds rows.')),
        ),
        cascades: z.optional(
          z
            .enum(['allow', 'withhold'], { error: 'allow or withhold' })
            .check(describe('Whether deletes may take rows of other tables along, by cascading foreign keys.')),
        ),
        proceed: z.optional(
          z
            .enum(['inserts'], { error: 'inserts' })
            .check(
              describe(
                'inserts: where a limit on updates or deletes is passed, a mirror or an upsert still inserts, and withholds the rest.',
              ),
            ),
        ),
      },
      'a map with inserts, updates, deletes, empty, cascades or proceed',
    ),
  ],
  { error: 'off, or a map such as { deletes: 10% }' },
)

export const onReject = z.union(
  [
    z.enum(['stop', 'continue']),
    section(
      {
        continue: z.optional(
          z.union([z.null(), z.literal(true)]).check(describe('The run goes on without such rows; so it does where this is left out.')),
        ),
        limit: limitOf().check(
          describe('Past so many rows (100), such a share of those that are read (1%), or both ([1%, 100]), the run stops.'),
        ),
      },
      'a map with continue and limit',
    ),
  ],
  { error: 'stop, continue, or a map such as { continue, limit: 1% }' },
)

const age = text('hours, days or weeks such as 12h, 30d or 4w').check(z.regex(agePattern, 'hours, days or weeks such as 12h, 30d or 4w'))
export const journal = z.union(
  [
    z.literal('off'),
    age,
    section(
      {
        keep: z.optional(age.check(describe('How long they are kept; 30d where it is left out.'))),
        size: z.optional(
          text('a size such as 500MB or 1GB')
            .check(z.regex(sizePattern, 'a size such as 500MB or 1GB'))
            .check(describe('The most room that those of one sync take, the oldest go first; 1GB where it is left out.')),
        ),
      },
      'a map with keep or size',
    ),
  ],
  { error: 'off, hours, days or weeks such as 30d, or a map such as { keep: 30d, size: 1GB }' },
)

const rangeForms = 'off, or a number of rows such as 500000'
export const resume = z.union([z.literal('off'), z.int({ error: rangeForms }).check(z.minimum(100, `${rangeForms}, 100 or more`))], {
  error: rangeForms,
})
