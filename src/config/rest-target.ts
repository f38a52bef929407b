import * as z from 'zod/mini'
import { describe, section, text } from './shapes.ts'

const texts = z.record(z.string(), text('a text'), { error: 'a map of names to texts' })
const place = text('a place in the answer, such as $.data.id')
const batchRows = z.int({ error: 'the most rows of one request' }).check(z.minimum(1, 'the most rows of one request'))

const results = section(
  {
    at: z.optional(place.check(describe('The list in the answer that has one result for each row.'))),
    key: z.optional(
      place.check(describe('The key of the row in one result; results stand in the order of the rows where it is left out.')),
    ),
    status: z.optional(place.check(describe('A status of HTTP in one result.'))),
    error: z.optional(place.check(describe('What stands here in one result says that the row was refused.'))),
  },
  'a map with at, key, status and error',
)

const batch = z.union(
  [
    batchRows,
    section(
      {
        rows: z.optional(batchRows.check(describe('The most rows of one request; 100 where it is left out.'))),
        body: z.optional(z.unknown().check(describe('The body, with $rows where the rows go; nothing but $rows where it is left out.'))),
        results: z.optional(results.check(describe('Where the answer says what became of each row.'))),
      },
      'a map with rows, body and results',
    ),
  ],
  { error: 'the most rows of one request, or a map with rows, body and results' },
)

const action = section(
  {
    method: z.optional(text('a method of HTTP').check(describe('POST to insert, PATCH to update and DELETE where it is left out.'))),
    path: z.optional(
      text('a path such as /contacts/{id}').check(describe('With cells in braces, encoded; {$id} is the id that the API assigned.')),
    ),
    params: z.optional(texts.check(describe('Parameters of the URL, with cells in braces.'))),
    headers: z.optional(texts.check(describe('Headers, with cells in braces.'))),
    body: z.optional(
      z
        .unknown()
        .check(
          describe(
            'The JSON that is sent: { $row: } has every column, { $row: [name] } some, "{name}" is one cell; every column where it is left out.',
          ),
        ),
    ),
    batch: z.optional(batch.check(describe('Sends several rows in one request.'))),
    error: z.optional(place.check(describe('What stands here in an answer of success says that the row was refused.'))),
  },
  'a map such as { method: PUT, path: /contacts/{id} }',
)

const way = z.enum(['etag', 'read'], { error: 'etag or read' })

const before = z.union(
  [
    way,
    section(
      {
        by: way.check(describe('etag: the API refuses a change of another row by If-Match; read: the row is compared just before.')),
        path: z.optional(text('a path such as /contacts/{id}').check(describe('Where one row is read; where it is changed, if left out.'))),
        row: z.optional(place.check(describe('Where the row is in that answer.'))),
      },
      'a map with by, path and row',
    ),
  ],
  { error: 'etag, read, or a map such as { by: read, path: /contacts/{id}, row: $.data }' },
)

/** How an API is written: keys that stand under `to`. */
export const restTarget = {
  insert: z.optional(action.check(describe('The request that inserts a row.'))),
  update: z.optional(action.check(describe('The request that updates a row.'))),
  delete: z.optional(action.check(describe('The request that deletes a row.'))),
  idempotency: z.optional(
    section(
      { header: z.optional(text('the name of a header').check(describe('Idempotency-Key where it is left out.'))) },
      'a map such as { header: Idempotency-Key }',
    ).check(describe('The header that takes an idempotency key, so that no insert is done twice.')),
  ),
  nulls: z.optional(
    z
      .enum(['keep', 'omit'], { error: 'keep or omit' })
      .check(describe('Whether cells that are NULL are sent as null or left out of inserts.')),
  ),
  numbers: z.optional(
    z
      .enum(['exact', 'text'], { error: 'exact or text' })
      .check(describe('Whether decimals and 64-bit integers are sent as numbers with every digit or as texts.')),
  ),
  before: z.optional(before.check(describe('Reads each row before it is updated or deleted, and leaves it where others have changed it.'))),
  unanswered: z.optional(
    z
      .enum(['reject', 'send'], { error: 'reject or send' })
      .check(describe('What becomes of inserts that an earlier run sent without an answer: rejects, or sent again, perhaps twice.')),
  ),
  read: z.optional(
    z
      .record(z.string(), z.unknown(), { error: 'a map, as under `from`' })
      .check(describe('How the resource is read back, as under `from`.')),
  ),
  deletes: z.optional(
    z.enum(['tracked'], { error: 'tracked' }).check(describe('Deletes what this sync once created, though the resource is not read.')),
  ),
  id: z.optional(
    place.check(describe('Where the id that the API assigns stands, in the answer to an insert and in the rows that are read.')),
  ),
}

export const restTargetKeys: readonly string[] = Object.keys(restTarget)
