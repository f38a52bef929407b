import { canonicalText } from '../../core/canonical.ts'
import { type ReadForm, readForm } from './cells.ts'
import type { Session } from './session.ts'
import type { Cell, Temporary } from './temporary.ts'

/** The keys of rows of `x`, in their order, as canonical text. */
export async function keyTexts(
  session: Session,
  { sql }: Temporary,
  keyed: readonly Cell[],
  condition: string,
): Promise<readonly (readonly (string | null)[])[]> {
  if (keyed.length === 0) return []
  const forms = keyed.map(({ column }) => readForm(column))
  const cells = keyed.map(({ alias }, index) => shown(forms[index], `x.${alias}`))
  const rows = await session.rows(`SELECT ${cells.join(', ')} FROM ${sql} AS x WHERE ${condition} ORDER BY x.n`)
  return rows.map((row) => row.map((text, index) => canonical(text, forms[index]?.form)))
}

function shown(form: ReadForm | undefined, cell: string): string {
  return form?.form === 'bytes' ? `CONCAT('\\\\x', LOWER(HEX(${cell})))` : (form?.expression(cell) ?? cell)
}

function canonical(text: string | null, form: ReadForm['form'] | undefined): string | null {
  if (text === null) return null
  switch (form) {
    case 'boolean':
      return text === '1' ? 'true' : text === '0' ? 'false' : text
    case 'stamp':
    case 'time':
      return withoutZeros(text)
    case 'instant':
      return `${withoutZeros(text)}+00`
    case 'single':
      return canonicalText(Number(text), { kind: 'float', bits: 32 })
    default:
      return text
  }
}

function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
