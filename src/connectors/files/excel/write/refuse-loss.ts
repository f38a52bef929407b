import { formatAmount } from '../../../../core/count.ts'
import { RunError } from '../../../../core/errors.ts'
import type { Target } from '../../target.ts'
import { ExcelSource } from '../excel-source.ts'
import { columnLetters } from '../sheet-area.ts'

/**
 * Where the rows of a sheet are written anew, all its cells are written from what was read of them.
 * @throws RunError where some hold what cannot be written again: no value at all, or a formula that nobody said may become its value.
 */
export function refuseLoss({ ref, options, former }: Target): void {
  const layout = former?.source instanceof ExcelSource ? former.source.layout : undefined
  if (!layout) return
  const { selection, names, invalidCells, formulas } = layout
  const place = `the sheet \`${selection.sheet}\` of ${ref.name}`
  const named = (index: number) => names[index] ?? columnLetters(index + selection.area.firstColumn)
  const invalid = byColumn(invalidCells, named)
  if (invalid !== undefined) throw withoutValues(place, invalid)
  const calculated = options.formulas === 'values' ? undefined : byColumn(formulas, named)
  if (calculated !== undefined) throw withFormulas(place, calculated)
}

/** How many cells of which columns; `undefined` where there are none. */
function byColumn(counts: readonly number[], named: (index: number) => string): string | undefined {
  const columns = Array.from(counts, (count = 0, index) => ({ count, index })).filter(({ count }) => count > 0)
  if (columns.length === 0) return undefined
  return columns.map(({ count, index }) => `${formatAmount(count, 'cell')} in column \`${named(index)}\``).join(', ')
}

function withoutValues(place: string, cells: string): RunError {
  return new RunError({
    code: 'CELLS_WITHOUT_VALUE',
    message: `${place} cannot be written anew: errors, or formulas without a saved value, would be lost: ${cells}`,
    hint: 'nothing was changed; open the book in a spreadsheet program, mend the errors and save it, so that values are saved, or write to another sheet',
  })
}

function withFormulas(place: string, cells: string): RunError {
  return new RunError({
    code: 'FORMULAS_IN_THE_WAY',
    message: `${place} would be written anew, and its formulas would become their values: ${cells}`,
    hint: 'nothing was changed; where that is wanted, say `formulas: values` under `to`; otherwise write to another sheet, or append',
  })
}
