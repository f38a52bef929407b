import * as z from 'zod/mini'
import { guard, journal, onReject, resume } from './limits.ts'
import { modeWords } from './modes.ts'
import { namePattern } from './names.ts'
import { restSource } from './rest-source.ts'
import { restTarget, restTargetKeys } from './rest-target.ts'
import { describe, section, text } from './shapes.ts'

/** Keys and modes that Syncline is going to have; until then they are refused, never ignored. */
export const notYet: ReadonlySet<string> = new Set(['transform', 'checks', 'schedule', 'map', 'retries', 'timeouts', 'scd2', 'two-way'])

// Every `error` below is what was expected: the messages for people are composed in `validate.ts`.

const columnName = text('a column name')
const columnList = (expected: string) =>
  z.union([columnName, z.array(columnName, { error: 'a list of column names' }).check(z.minLength(1, expected))], { error: expected })
const scalar = z.union([text('a name'), z.number()], { error: 'a name' })

const character = (expected: string) => z.string({ error: expected }).check(z.maxLength(3, expected))

/** Options of an object that the connector parses; the same on both sides. */
const objectOptions = {
  format: z.optional(
    z
      .string({ error: 'a file format' })
      .check(describe('csv, tsv, json, ndjson, parquet, xlsx, xls or ods; by the file name where it is left out.')),
  ),
  delimiter: z.optional(
    character('a single character').check(describe('Separates the fields of a CSV line; sniffed where it is left out.')),
  ),
  quote: z.optional(
    character('a single character, or an empty text for none').check(
      describe('Quotes the fields of a CSV file; empty where nothing is quoted.'),
    ),
  ),
  header: z.optional(
    z
      .union([z.boolean(), z.array(columnName), z.int(), z.string().check(z.regex(/^\d+:\d+$/))], {
        error: 'true, false, a list of column names, or in a book a row such as 3 or rows such as 3:4',
      })
      .check(
        describe(
          'Whether the first line of a CSV file, or the first row of a sheet, names the columns; a list names them where none does. In a book also the row that names them, or rows: 3:4.',
        ),
      ),
  ),
  range: z.optional(
    text('cells such as B3:F200, or the name of a range').check(
      describe('The cells of a sheet to read: B3:F200, B3:F, B:F, 3:200, or the name of a table or of a range.'),
    ),
  ),
  encoding: z.optional(z.string({ error: 'an encoding such as utf-8' }).check(describe('Text encoding: utf-8, utf-16le, windows-1252 …'))),
  compression: z.optional(
    z.enum(['none', 'gzip', 'zstd'], { error: 'one of none, gzip, zstd' }).check(describe('How a file is compressed.')),
  ),
  null: z.optional(
    z
      .union([z.string(), z.array(z.string())], { error: 'a text or a list of texts' })
      .check(describe('Unquoted texts that mean NULL in a CSV file.')),
  ),
  columns: z.optional(
    z
      .record(z.string(), text('a type such as integer or decimal(12,2)'), { error: 'a map of column names to types' })
      .check(describe('Types by column name, in place of inference.')),
  ),
}

/** What only a book that is written can be told. */
const bookTarget = {
  formulas: z.optional(
    z
      .enum(['values'], { error: 'values' })
      .check(describe('values: formulas of the sheet that is written may become their values; without it such a sheet is refused.')),
  ),
}

/** Keys that stand under `to` alone. */
export const targetKeys: readonly string[] = [...Object.keys(bookTarget), ...restTargetKeys]

export const objectOptionNames: readonly string[] = [...Object.keys(objectOptions), ...Object.keys(bookTarget)]

const connectionName = text('the name of a connection, a URL or a path')
const object = text('the name of a table, a file or another object')

const source = section(
  {
    connection: connectionName.check(describe('A connection by its name, a URL or a path.')),
    object: z.optional(object.check(describe('The table, view, file or glob to read.'))),
    resource: z.optional(object.check(describe('Another word for `object`.'))),
    sheet: z.optional(scalar.check(describe('The sheet of a book.'))),
    query: z.optional(text('a query in the SQL of the source').check(describe('Reads the result of a query in place of an object.'))),
    select: z.optional(columnList('a column name or a list of them').check(describe('The columns to read; all where it is left out.'))),
    where: z.optional(
      text('a predicate in SQL').check(describe('Reads only rows for which this predicate, in the SQL of the source, is true.')),
    ),
    cursor: z.optional(columnName.check(describe('The column that tells new rows from old ones.'))),
    lag: z.optional(
      z
        .union([z.number().check(z.nonnegative()), text('')], { error: 'a number, or an interval such as 10 minutes' })
        .check(describe('How far behind the last value of the cursor reading begins: a number, or an interval such as `10 minutes`.')),
    ),
    ...objectOptions,
    ...restSource,
  },
  'an address or a map',
)

const target = section(
  {
    connection: connectionName.check(describe('A connection by its name, a URL or a path.')),
    object: object.check(describe('The table or file to write.')),
    sheet: z.optional(scalar.check(describe('The sheet of a book.'))),
    ...objectOptions,
    ...bookTarget,
    ...restTarget,
  },
  'an address or a map',
)

const address = text('an address')

const mode = z.enum(modeWords, { error: 'one of replace, append, upsert, mirror' })

const columnForms = 'a list of column names'
const redactForms = 'a column name, a list of them, or a map such as { columns: [ssn], key: "${env:KEY}" }'
const redaction = section(
  {
    columns: columnList('a column name or a list of them').check(describe('Columns of the source or of the target.')),
    key: z.optional(
      text('${env:NAME} or ${file:PATH}').check(
        describe('What their cells are encrypted by, of 16 characters or more: ${env:NAME} or ${file:PATH}.'),
      ),
    ),
  },
  'a map with columns and key',
)

/** What `defaults` may hold. */
const shared = {
  mode: z.optional(mode.check(describe('What the target becomes.'))),
  key: z.optional(
    columnList('a column name or a list of them').check(
      describe('The columns that identify a row; the primary key of the target, then of the source, where it is left out.'),
    ),
  ),
  guard: z.optional(guard.check(describe('Limits past which a change set is withheld until a person approves.'))),
  verify: z.optional(
    z
      .enum(['full', 'checksum', 'counts', 'off'], { error: 'one of full, checksum, counts, off' })
      .check(describe('How agreement is proved before a commit; checksum where it is left out.')),
  ),
  on_reject: z.optional(
    onReject.check(
      describe('Whether rows that cannot be delivered stop a run; stop for replace, continue for other modes where it is left out.'),
    ),
  ),
  journal: z.optional(
    journal.check(describe('How long the images of changes are kept, for `undo`: 30d, { keep: 30d, size: 1GB }, or off.')),
  ),
  resume: z.optional(
    resume.check(
      describe(
        'About how many rows of a long replace are loaded at a time, so that it goes on after a crash: 500000, or off; 2000000 where it is left out.',
      ),
    ),
  ),
  redact: z.optional(
    z
      .union([columnName, z.array(columnName, { error: columnForms }).check(z.minLength(1, columnForms)), redaction], {
        error: redactForms,
      })
      .check(
        describe(
          'Columns whose values are not shown, and not kept in plans, journals and rejects: [ssn], or { columns: [ssn], key: "${env:KEY}" }, which keeps them encrypted, so that `undo` and `retry` have them.',
        ),
      ),
  ),
  tags: z.optional(z.array(text('a tag'), { error: 'a list of tags' }).check(describe('Words that --select tag:NAME finds this sync by.'))),
}

/** What is said of the source alone. */
const reading = {
  select: source.shape.select,
  where: source.shape.where,
  cursor: source.shape.cursor,
  lag: source.shape.lag,
}

const scope = z.optional(
  text('a predicate in SQL').check(describe('Bounds both sides of a mirror alike: rows outside are neither read nor deleted.')),
)

const { tags: _tags, journal: _journal, resume: _resume, ...ofOneTable } = shared

/** What one table of many does otherwise. */
const table = section({ ...ofOneTable, scope, ...reading }, 'a map of settings for this table')

/** Keys for many tables at once. */
const many = {
  exclude: z.optional(
    z
      .union([text('a name or a pattern'), z.array(text('a name or a pattern'))], {
        error: 'a name or a pattern such as audit_*, or a list',
      })
      .check(describe('Tables that a pattern in `from` is not to take.')),
  ),
  tables: z.optional(
    z
      .record(text('the name of a table'), table, { error: 'a map of table names to settings' })
      .check(describe('Settings of single tables in place of those of the whole sync.')),
  ),
  parallel: z.optional(
    z
      .int({ error: 'a whole number of 1 or more' })
      .check(z.minimum(1, 'a whole number of 1 or more'), z.maximum(32, 'a whole number up to 32'))
      .check(describe('The most tables to read at the same time.')),
  ),
}

const sync = section(
  {
    from: z
      .union([address, source], { error: 'an address such as shop#public.orders, or a map with `connection`' })
      .check(describe('What is read: an address, or its long form.')),
    to: z
      .union([address, target], { error: 'an address such as shop#public.orders, or a map with `connection` and `object`' })
      .check(describe('What is written: an address, or its long form.')),
    ...shared,
    scope,
    ...many,
    after: z.optional(
      z
        .union([text('the name of a sync'), z.array(text('the name of a sync'))], { error: 'the name of a sync or a list of them' })
        .check(describe('Syncs that must have succeeded before this one runs.')),
    ),
  },
  'a map with `from`, `to` and `mode`',
)

const connection = z.union(
  [
    text('a URL or a path'),
    z.looseObject(
      {
        type: text('the name of a connector').check(describe('The connector: postgres, sqlite, duckdb, files …')),
        zone: z.optional(
          text('an IANA time zone such as Europe/Berlin').check(
            describe('The time zone of its naive timestamps, where they meet instants: an IANA name such as Europe/Berlin.'),
          ),
        ),
      },
      { error: 'a map with `type`' },
    ),
  ],
  { error: 'a URL, a path, or a map with `type`' },
)

const nameRule = 'a name of letters, digits, `_` and `-` that begins with a letter or `_`'
const name = z.string().check(z.regex(namePattern, nameRule))

/** The whole config, one schema for YAML and TypeScript. */
export const configSchema = section(
  {
    $schema: z.optional(z.string().check(describe('Where the JSON Schema of this file is, for editors.'))),
    connections: z.optional(
      z
        .record(name, connection, { error: 'a map of names to connections' })
        .check(describe('Systems by name: a URL, a path, or a map with `type`.')),
    ),
    syncs: z.optional(z.record(name, sync, { error: 'a map of names to syncs' }).check(describe('Syncs by name.'))),
    defaults: z.optional(
      section(shared, 'a map of settings for all syncs').check(describe('Settings for all syncs; what a sync says itself stands.')),
    ),
    state: z.optional(
      text('a path').check(
        describe(
          'Where runs, watermarks and rejects are kept: a folder, or a SQLite file; .syncline beside the config where it is left out.',
        ),
      ),
    ),
  },
  'a map with `connections` and `syncs`',
)

/** A config as a person writes it, in YAML or TypeScript. */
export type ConfigInput = z.input<typeof configSchema>
export type SyncInput = NonNullable<ConfigInput['syncs']>[string]
export type SourceInput = Exclude<SyncInput['from'], string>
export type TargetInput = Exclude<SyncInput['to'], string>
export type ConnectionInput = NonNullable<ConfigInput['connections']>[string]
export type TableInput = NonNullable<SyncInput['tables']>[string]
export type GuardInput = NonNullable<SyncInput['guard']>
export type OnRejectInput = NonNullable<SyncInput['on_reject']>
export type RedactInput = NonNullable<SyncInput['redact']>
export type JournalInput = NonNullable<SyncInput['journal']>
