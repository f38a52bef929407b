import { parseType, type Type } from '../../src/core/types.ts'

/** Values at the ends of a type, as canonical text. */
export interface Edge {
  readonly name: string
  readonly type: Type
  readonly texts: readonly string[]
}

/** One entry a type; `other` is each system's own and tested there. */
export const edges: readonly Edge[] = [
  edge('boolean', ['true', 'false']),
  edge('tinyint', ['-128', '0', '127']),
  edge('smallint', ['-32768', '0', '32767']),
  edge('integer', ['-2147483648', '0', '2147483647']),
  edge('bigint', ['-9223372036854775808', '-9007199254740993', '0', '9007199254740993', '9223372036854775807']),
  edge('utinyint', ['0', '255']),
  edge('usmallint', ['0', '65535']),
  edge('uinteger', ['0', '4294967295']),
  edge('ubigint', ['0', '9007199254740993', '18446744073709551615']),
  edge('decimal(12,2)', ['-9999999999.99', '0.00', '1.50', '9999999999.99']),
  edge('decimal(18,0)', ['-999999999999999999', '0', '999999999999999999']),
  edge('decimal(38,10)', [
    `-${'9'.repeat(28)}.${'9'.repeat(10)}`,
    '0.0000000001',
    '12345678901234567890.1234567890',
    `${'9'.repeat(28)}.${'9'.repeat(10)}`,
  ]),
  edge('decimal(60,20)', [`-${'9'.repeat(40)}.${'9'.repeat(20)}`, `0.${'0'.repeat(19)}1`, `${'9'.repeat(40)}.${'9'.repeat(20)}`]),
  edge('decimal', ['0', '1.50', '-0.000000001', `${'1234567890'.repeat(100)}`, `-${'9'.repeat(500)}.${'1234567890'.repeat(50)}`]),
  edge('real', ['0', '-0', '1.5', '3.4028235e+38', '1e-45', '0.1']),
  edge('double', ['0', '-0', '0.1', '1.7976931348623157e+308', '5e-324', '-123456.789', '9007199254740992', '1e+21']),
  edge('text', texts()),
  edge('text(5)', ['', 'abcde', '𝄞𝄞𝄞𝄞𝄞', '  a  ']),
  edge('bytes', ['\\x', '\\x00', '\\x00ff7f80', `\\x${'ab'.repeat(5000)}`]),
  edge('date', ['0001-01-01', '1582-10-10', '1969-12-31', '2000-02-29', '9999-12-31']),
  edge('time(6)', ['00:00:00', '12:00:00.5', '23:59:59.999999']),
  edge('timestamp(6)', ['0001-01-01 00:00:00', '1969-12-31 23:59:59.999999', '2024-03-31 02:30:00', '9999-12-31 23:59:59.999999']),
  edge('timestamptz(6)', [
    '0001-01-01 00:00:00+00',
    '1969-12-31 23:59:59.999999+00',
    '2024-11-03 05:30:00.000001+00',
    '9999-12-31 23:59:59.999999+00',
  ]),
  edge('json', ['{"a":1}', '[]', 'null', '"text"', '12345678901234567890.123', '{"b":[1,{"c":null}],"a":"\\u0000-free 𝄞"}']),
  edge('uuid', ['00000000-0000-0000-0000-000000000000', '123e4567-e89b-42d3-a456-426614174000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']),
]

/** Values that some systems hold and others must refuse, by type. */
export const rarities: readonly Edge[] = [
  edge('decimal', ['NaN', 'Infinity', '-Infinity']),
  edge('real', ['NaN', 'Infinity', '-Infinity']),
  edge('double', ['NaN', 'Infinity', '-Infinity']),
  edge('date', ['infinity', '-infinity', '0044-03-15 BC', '4713-01-01 BC', '5874897-12-31']),
  edge('time(6)', ['24:00:00']),
  edge('timestamp(6)', ['infinity', '-infinity', '0044-03-15 12:00:00.000001 BC', '294276-12-31 23:59:59.999999']),
  edge('timestamptz(6)', ['infinity', '-infinity', '0044-03-15 12:00:00.000001+00 BC', '294276-12-31 23:59:59.999999+00']),
  edge('text', ['a\u0000b']),
]

/** Canonical texts that a system cannot hold, by type name. */
export type Lacks = Readonly<Record<string, readonly string[]>>

export function merged(one: Lacks, other: Lacks): Lacks {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries([...names].map((name) => [name, [...(one[name] ?? []), ...(other[name] ?? [])]]))
}

/** The values without those that a system lacks; a type without any is left out. */
export function heldEdges(all: readonly Edge[], lacks: Lacks): readonly Edge[] {
  const held = all.map((one) => ({ ...one, texts: one.texts.filter((text) => !lacks[one.name]?.includes(text)) }))
  return held.filter(({ texts }) => texts.length > 0)
}

function edge(name: string, texts: readonly string[]): Edge {
  return { name, type: parseType(name), texts }
}

function texts(): readonly string[] {
  const marks = [
    '',
    ' ',
    '  two  ',
    'NULL',
    'null',
    'true',
    '007',
    '1e5',
    '-',
    '\\',
    '\\.',
    '\\N',
    '\\n',
    '\\x41',
    "it's",
    '"',
    '""',
    '"a"',
    ',',
    ';',
    'a,b',
    '|',
    '%',
    '$1',
    '?',
    '{a}',
    '#',
  ]
  const breaks = ['\n', '\r', '\r\n', 'a\nb', 'a\r\nb', '\t', '\\.\n', 'x\n\\.\ny', '\u2028', '\u000b', '\u0001', '\u007f']
  const letters = ['ä', 'a\u0308', 'ß', '\ufeffbom', '𝄞', '👩‍👩‍👧', 'שלום', '漢字', '\u00a0', '\ufffd', '\u{10ffff}', 'x'.repeat(70_000)]
  return [...marks, ...breaks, ...letters]
}
