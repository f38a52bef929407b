import type { Outcome } from './copy-pair.ts'
import type { Recorded } from './recorded.ts'
import type { MatrixSystem } from './system.ts'

/** `docs/types.md`: what the matrix saw, for people. */
export function typesPage(systems: readonly MatrixSystem[], recordedOf: (source: string) => Recorded): string {
  const pages = systems.filter(({ samples }) => samples.length > 0).map((source) => new SourcePage(source, systems, recordedOf(source.id)))
  const alike = pages.filter((page, at) => pages.findIndex((other) => other.content === page.content) === at)
  const titles = (page: SourcePage) => pages.flatMap((other) => (other.content === page.content ? [other.title] : [])).join(', ')
  const known = alike.filter(({ content }) => content !== '')
  const lost = known.flatMap((page) => (page.losses === '' ? [] : [`### From ${titles(page)}`, page.losses]))
  const becomes = known.flatMap((page) => [`### From ${titles(page)}`, page.becomes])
  return `${[intro, '## What becomes what', ...becomes, '## Values that cannot be held', lossesIntro, ...lost, notes].join('\n\n')}\n`
}

const intro = `# Types

What a column becomes in a new table of another system. Made by \`npm run types\`, which copies values at the edges of every type of every
source into every target, reads the target back by its own means, and copies once more to see that nothing is left to do. No value ever
arrives changed in silence: it arrives exactly, or its row is a reject that names the column.

- a type: every value that was tried arrives exactly, if in the target's own spelling
- a type with †: some values of it are rejects; they are [listed below](#values-that-cannot-be-held)
- a type with ≈: the target takes two of its values as one, see the [notes](#notes)
- ✗: a run with such a column is refused, and says why
- –: not tried, as the [notes](#notes) say`

const lossesIntro = 'Rows with these values are set aside as rejects that name the column; all other rows arrive.'

const notes = `## Notes

- An existing table keeps its types: values are cast to them exactly, or are rejects.
- Where a system has no type for a value, the column is made of text and holds the value's
  [canonical text](../src/core/canonical.ts). It arrives exactly, and a copy back reads it as text.
- ≈ of floating point: \`-0\` and \`0\` are equal; SQLite, DuckDB's storage and Parquet may keep either for both.
- ≈ of JSON in MySQL: it orders members and writes numbers in its own way (1.50 as 1.5); documents whose numbers it would round
  are rejects. MariaDB keeps their texts.
- ≈ of JSON in JSON files and APIs: the document \`null\` and NULL are both written \`null\`.
- REST is an API that keeps the JSON it is sent and gives it back; moments with a time zone are spelled as RFC 3339 has them. What another
  API makes of a value is its own: \`verify\` says so where it is read back.
- A timestamp with a time zone is an instant; between one and a naive timestamp the \`zone:\` of the naive side's connection decides
  ([decision](decisions/0015-zones.md)).
- What stands here of SQL Server was seen on another server that speaks its protocol. That server holds six digits of a second where
  SQL Server holds seven, so types of seven and more were not tried (–).
- CSV has no types: those of an existing target win, and a new one gets the type that all cells of the column have.`

/** One source's part of both tables. */
class SourcePage {
  readonly title: string
  readonly becomes: string
  readonly losses: string
  readonly #source: MatrixSystem
  readonly #columns: readonly Target[]

  constructor(source: MatrixSystem, systems: readonly MatrixSystem[], recorded: Recorded) {
    this.title = source.title
    this.#source = source
    this.#columns = mergedTargets(
      source,
      systems.flatMap(({ id, title }) => (recorded[id] ? [{ title, outcomes: recorded[id] }] : [])),
    )
    this.becomes = this.#becomes()
    this.losses = this.#losses()
  }

  get content(): string {
    return this.becomes + this.losses
  }

  #becomes(): string {
    if (this.#columns.length === 0) return ''
    const plain = this.#columns.filter((target) => this.#isPlainText(target))
    const shown = this.#columns.filter((target) => !plain.includes(target))
    const rows = mergedRows(this.#source.samples.map(({ name }) => [code(name), ...shown.map(({ outcomes }) => cell(outcomes[name]))]))
    const head = ['type', ...shown.map(({ title }) => title)]
    const also = plain.length === 0 ? [] : [`${plain.map(({ title }) => title).join(', ')}: text, exact throughout.`]
    return [tableOf(head, rows), ...also].join('\n\n')
  }

  #isPlainText({ outcomes }: Target): boolean {
    return this.#source.samples.every(({ name }) => [code('text'), untried].includes(cell(outcomes[name])))
  }

  #losses(): string {
    const rows = this.#source.samples.flatMap(({ name }) => {
      const lists = this.#columns.map(({ title, outcomes }) => ({ title, values: lossOf(outcomes[name]) }))
      const distinct = [...new Set(lists.map(({ values }) => values))].filter((values) => values !== '')
      return distinct.map((values) => {
        const titles = lists.flatMap((list) => (list.values === values ? [list.title] : []))
        return [code(name), titles.join(', '), values]
      })
    })
    return rows.length === 0 ? '' : tableOf(['type', 'in', 'values'], rows)
  }
}

interface Target {
  readonly title: string
  readonly outcomes: Readonly<Record<string, Outcome>>
}

/** Targets in which everything becomes the same stand as one. */
function mergedTargets({ samples }: MatrixSystem, targets: readonly Target[]): readonly Target[] {
  const merged: Target[] = []
  for (const target of targets) {
    const same = (other: Target) =>
      samples.every(({ name }) => JSON.stringify(other.outcomes[name]) === JSON.stringify(target.outcomes[name]))
    const at = merged.findIndex(same)
    const there = merged[at]
    if (there) merged[at] = { ...there, title: `${there.title}, ${target.title}` }
    else merged.push(target)
  }
  return merged
}

/** Types that become the same everywhere stand in one row. */
function mergedRows(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const merged = new Map<string, string[]>()
  for (const [name = '', ...cells] of rows) {
    const key = JSON.stringify(cells)
    merged.set(key, [...(merged.get(key) ?? []), name])
  }
  return [...merged].map(([cells, names]) => [names.join(', '), ...(JSON.parse(cells) as string[])])
}

const untried = '–'

function cell(outcome: Outcome | undefined): string {
  if (!outcome) return ''
  if (outcome.refused !== undefined) return '✗'
  if (outcome.untried !== undefined) return untried
  const marks = `${outcome.rejects ? ' †' : ''}${outcome.equated ? ' ≈' : ''}`
  return `${code(outcome.becomes ?? '')}${marks}`
}

function lossOf(outcome: Outcome | undefined): string {
  if (outcome?.refused !== undefined) return `✗ ${outcome.refused}`
  return (outcome?.rejects ?? []).map(code).join(', ')
}

function code(text: string): string {
  const plain = text.replaceAll('|', '\\|')
  return plain === '' ? '(empty)' : plain.includes('`') ? `\`\` ${plain} \`\`` : `\`${plain}\``
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}
