import * as z from 'zod/mini'
import { describe, section, text } from './shapes.ts'

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'a text, a number, true or false' })
const scalars = z.record(z.string(), scalar, { error: 'a map of names to texts' })
const names = z.record(z.string(), text('the name of a column'), { error: 'a map of fields to columns' })
const path = text('a path in the answer, such as $.items')
const parameter = text('the name of a parameter')
const rowCount = z.int({ error: 'a number of rows' }).check(z.minimum(1, 'a number of rows'))

const paginate = section(
  {
    page: z.optional(parameter.check(describe('Pages have numbers: the parameter that takes them.'))),
    offset: z.optional(parameter.check(describe('Pages begin after so many rows: the parameter that takes the number.'))),
    token: z.optional(path.check(describe('Where a page says the token of the next one; there is none on the last.'))),
    last: z.optional(text('the name of a field').check(describe('The field of the last row that leads to the next page.'))),
    next: z.optional(path.check(describe('Where a page says the url of the next one, or `link` for the Link header.'))),
    param: z.optional(parameter.check(describe('The parameter that takes `token` or `last`.'))),
    start: z.optional(z.int({ error: 'a number' }).check(describe('The first `page` or `offset`; 1 and 0 where it is left out.'))),
    size: z.optional(rowCount.check(describe('How many rows a full page has.'))),
    limit: z.optional(parameter.check(describe('The parameter that takes `size`.'))),
    in: z.optional(
      z.enum(['query', 'body'], { error: 'query or body' }).check(describe('Where the parameters go; the query where it is left out.')),
    ),
    stop: z.optional(
      z
        .enum(['empty', 'short'], { error: 'empty or short' })
        .check(describe('What tells the last page: one without rows, or one with fewer than `size`.')),
    ),
    more: z.optional(path.check(describe('Where a page says whether there are more.'))),
    total: z.optional(path.check(describe('Where a page says how many rows there are in all; another number of rows is an error.'))),
    max_pages: z.optional(
      z
        .int({ error: 'a number of pages' })
        .check(z.minimum(1, 'a number of pages'), describe('More pages than these are an error; 10000 where it is left out.')),
    ),
  },
  'a map such as { token: $.next, param: after }',
)

const request = {
  method: z.optional(text('a method of HTTP').check(describe('GET where it is left out; POST where a search is one.'))),
  params: z.optional(scalars.check(describe('Parameters of the URL.'))),
  headers: z.optional(scalars.check(describe('Headers of the request.'))),
  body: z.optional(z.unknown().check(describe('The body of a POST: a map is sent as JSON, a text as it is.'))),
  rows: z.optional(path.check(describe('Where in an answer the rows are: $.items, $.data[*].attributes; $ where it is left out.'))),
  paginate: z.optional(paginate.check(describe('How one page leads to the next.'))),
}

const parent = section(
  {
    resource: text('a path such as /orders').check(describe('The resource whose rows have children.')),
    carry: z.optional(
      names.check(describe('Fields of the parent that become columns of the child; those of the path where it is left out.')),
    ),
    ...request,
    format: z.optional(text('json, ndjson, csv or xml').check(describe('By the content type where it is left out.'))),
    delimiter: z.optional(text('a single character').check(describe('Separates the fields of CSV.'))),
    encoding: z.optional(text('an encoding such as utf-8').check(describe('Text encoding of CSV and XML.'))),
  },
  'a map with `resource`',
)

const split = section(
  {
    at: path.check(describe('The array within a row whose elements become the rows.')),
    carry: z.optional(names.check(describe('Fields of the row that become columns of its elements.'))),
    position: z.optional(
      text('the name of a column').check(describe('The column that counts the elements, from 1; `position` where it is left out.')),
    ),
  },
  'a map with `at`',
)

/** How an API is read: keys that stand under `from`. */
export const restSource = {
  ...request,
  parent: z.optional(parent.check(describe('The resource whose rows fill the places of `resource`: /orders/{id}/lines.'))),
  split: z.optional(split.check(describe('Makes rows of the elements of an array within each row.'))),
  flatten: z.optional(
    z
      .union([z.boolean(), text('a separator')], { error: 'true, or a separator such as `.`' })
      .check(describe('Makes columns of nested objects, their names joined by a separator; `_` for true.')),
  ),
  cursor_param: z.optional(parameter.check(describe('The parameter that asks for rows from a value of the `cursor` on.'))),
  cursor_format: z.optional(
    z
      .enum(['iso', 'date', 'unix', 'unix_ms'], { error: 'one of iso, date, unix, unix_ms' })
      .check(describe('How `cursor_param` spells a time; iso where it is left out.')),
  ),
  resume: z.optional(
    z
      .union([z.literal('off'), z.boolean(), z.number(), text('a time')], { error: 'off, or a time such as 1 hour' })
      .check(describe('How long the complete pages of a read that broke off are good; an hour where it is left out.')),
  ),
}

export const restSourceKeys: readonly string[] = Object.keys(restSource)
