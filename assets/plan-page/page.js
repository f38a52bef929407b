// The page of a plan: shows, sorts and filters its changes. Only the rows in view are in the document, so that a hundred
// thousand changes scroll as ten do.
const plans = JSON.parse(document.getElementById('data').textContent)
const byId = (id) => document.getElementById(id)
const marks = { insert: '+', update: '~', delete: '−' }
const nouns = { insert: ['insert', 'inserts'], update: ['update', 'updates'], delete: ['delete', 'deletes'] }
const number = new Intl.NumberFormat('en')
const collator = new Intl.Collator('en', { numeric: true })
const rowHeight = 30
// A table would have every row in the document; what takes its place has to say what it is.
for (const [id, role] of [
  ['grid', 'table'],
  ['head', 'rowgroup'],
  ['body', 'rowgroup'],
])
  byId(id).setAttribute('role', role)
byId('grid').setAttribute('aria-label', 'Changes')
byId('grid').tabIndex = 0
const view = { plan: 0, kinds: new Set(['insert', 'update', 'delete']), column: -1, text: '', sort: undefined, rows: [] }

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value)
    else if (value !== undefined) made.setAttribute(name, value)
  }
  made.append(...children)
  return made
}

function amount(count, [one, many]) {
  return `${number.format(count)} ${count === 1 ? one : many}`
}

function plan() {
  return plans[view.plan]
}

function showPlans() {
  const buttons = plans.map((one, index) =>
    element('button', { type: 'button', 'aria-current': String(index === view.plan), onclick: () => choosePlan(index) }, one.sync),
  )
  byId('plans').replaceChildren(...(plans.length > 1 ? buttons : [element('strong', {}, plans[0]?.sync ?? '')]))
}

function choosePlan(index) {
  Object.assign(view, { plan: index, column: -1, sort: undefined })
  showPlans()
  showSummary()
  showTools()
  select()
}

function showSummary() {
  const { from, to, mode, key, counts, notes, schema, error, madeAt, left } = plan()
  const by = key.length > 0 ? ` by ${key.join(', ')}` : ''
  const changes = [
    amount(counts.inserted, nouns.insert),
    amount(counts.updated, nouns.update),
    amount(counts.deleted, nouns.delete),
    `${number.format(counts.unchanged)} unchanged`,
    amount(counts.rejected, ['reject', 'rejects']),
  ]
  const lines = [
    element('h2', {}, `${from} → ${to}`),
    element('p', {}, `${mode}${by} · planned ${new Date(madeAt).toLocaleString()} · nothing was changed`),
    element('p', { class: 'counts' }, changes.join(' · ')),
    ...(error ? [element('p', { class: 'warn' }, error)] : []),
    ...schema.map((line) => element('p', {}, `first: ${line}`)),
    ...notes.map((line) => element('p', {}, line)),
    ...(left > 0 ? [element('p', { class: 'warn' }, `${number.format(left)} more changes are not on this page`)] : []),
  ]
  byId('summary').replaceChildren(...lines)
}

function showTools() {
  const there = (kind) => plan().changes.reduce((sum, change) => sum + (change[0] === kind ? 1 : 0), 0)
  const buttons = Object.keys(marks).map((kind) =>
    element(
      'button',
      {
        type: 'button',
        'aria-pressed': String(view.kinds.has(kind)),
        title: `show ${nouns[kind][1]} ( ${marks[kind]} )`,
        onclick: () => toggle(kind),
      },
      `${marks[kind]} ${number.format(there(kind))}`,
    ),
  )
  byId('kinds').replaceChildren(...buttons)
  const options = [
    element('option', { value: '-1' }, 'any'),
    ...plan().columns.map((name, index) => element('option', { value: String(index) }, name)),
  ]
  byId('column').replaceChildren(...options)
  byId('column').value = String(view.column)
}

function toggle(kind) {
  if (!view.kinds.delete(kind)) view.kinds.add(kind)
  showTools()
  select()
}

/** The cells of a change that people look for: as they shall be, and as they are. */
function texts([, after, before], column) {
  const cells = [...(after ? (column < 0 ? after : [after[column]]) : []), ...(before ? (column < 0 ? before : [before[column]]) : [])]
  return cells
}

function select() {
  const { kinds, column, sort } = view
  const wanted = view.text.toLowerCase()
  const contains = (change) => texts(change, column).some((cell) => (cell === null ? 'null' : cell.toLowerCase()).includes(wanted))
  view.rows = plan().changes.filter((change) => kinds.has(change[0]) && (wanted === '' || contains(change)))
  if (sort) view.rows.sort((a, b) => sort.direction * compare(sortCell(a, sort.column), sortCell(b, sort.column)))
  byId('shown').textContent = `${number.format(view.rows.length)} of ${number.format(plan().changes.length)} shown`
  byId('body').style.height = `${view.rows.length * rowHeight}px`
  byId('grid').setAttribute('aria-rowcount', String(view.rows.length + 1))
  byId('grid').scrollTop = 0
  showHead()
  showRows(true)
}

function sortCell([kind, after, before], column) {
  return column < 0 ? kind : ((after ?? before)?.[column] ?? null)
}

function compare(a, b) {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  return collator.compare(a, b)
}

function widths() {
  const { columns, changes } = plan()
  const step = Math.ceil(changes.length / 600)
  const sample = changes.filter((_, index) => index % step === 0)
  return columns.map((name, index) => {
    const longest = sample.reduce((most, change) => Math.max(most, cellLength(change, index)), name.length + 2)
    return `${Math.min(Math.max(longest, 6), 48) + 3}ch`
  })
}

function cellLength([kind, after, before], index) {
  const length = (cell) => (cell === null ? 4 : cell.length)
  if (kind !== 'update') return length((after ?? before)[index])
  return after[index] === before[index] ? length(after[index]) : length(after[index]) + length(before[index]) + 3
}

function showHead() {
  byId('grid').style.setProperty('--columns', ['44px', ...widths(), '1fr'].join(' '))
  const cells = ['±', ...plan().columns].map((name, at) => {
    const column = at - 1
    const sorted = view.sort?.column === column ? (view.sort.direction > 0 ? 'ascending' : 'descending') : 'none'
    const arrow = { none: '', ascending: ' ▲', descending: ' ▼' }[sorted]
    return element(
      'div',
      { role: 'columnheader', 'aria-sort': sorted },
      element('button', { type: 'button', title: `sort by ${name}`, onclick: () => sortBy(column) }, `${name}${arrow}`),
    )
  })
  byId('head').replaceChildren(element('div', { class: 'row', role: 'row' }, ...cells))
}

function sortBy(column) {
  const again = view.sort?.column === column
  view.sort = again && view.sort.direction < 0 ? undefined : { column, direction: again ? -1 : 1 }
  select()
}

let drawn = ''

function showRows(anew) {
  const grid = byId('grid')
  const first = Math.max(0, Math.floor(grid.scrollTop / rowHeight) - 10)
  const last = Math.min(view.rows.length, first + Math.ceil(grid.clientHeight / rowHeight) + 20)
  const range = `${first}-${last}`
  if (!anew && range === drawn) return
  drawn = range
  byId('window').style.transform = `translateY(${first * rowHeight}px)`
  const rows = view.rows.slice(first, last).map((change, at) => showRow(change, first + at))
  const empty = element(
    'div',
    { class: 'empty' },
    plan().changes.length === 0 ? 'in step: there is nothing to change' : 'no change is like that',
  )
  byId('window').replaceChildren(...(view.rows.length === 0 ? [empty] : rows))
}

function showRow(change, index) {
  const [kind, after, before] = change
  const cells = plan().columns.map((_, column) => showCell(kind, after?.[column], before?.[column]))
  const mark = element('div', { class: 'cell kind', role: 'cell', 'aria-label': kind }, marks[kind])
  return element('div', { class: `row ${kind}`, role: 'row', 'aria-rowindex': String(index + 2) }, mark, ...cells)
}

function showCell(kind, after, before) {
  if (kind === 'update' && after !== before) {
    const title = `${before ?? 'NULL'} → ${after ?? 'NULL'}`
    return element(
      'div',
      { class: 'cell changed', role: 'cell', title },
      element('del', {}, shown(before)),
      ' → ',
      element('ins', {}, shown(after)),
    )
  }
  const cell = kind === 'delete' ? before : after
  return element('div', { class: 'cell', role: 'cell', title: cell ?? 'NULL' }, shown(cell))
}

function shown(cell) {
  if (cell === null || cell === undefined) return element('span', { class: 'null' }, 'NULL')
  if (cell === '') return element('span', { class: 'null' }, 'empty')
  return cell
}

byId('grid').addEventListener('scroll', () => showRows(false), { passive: true })
window.addEventListener('resize', () => showRows(true))
byId('tools').addEventListener('submit', (event) => event.preventDefault())
byId('column').addEventListener('change', (event) => {
  view.column = Number(event.target.value)
  select()
})
byId('text').addEventListener('input', (event) => {
  view.text = event.target.value
  select()
})
document.addEventListener('keydown', (event) => {
  if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === '/') {
    event.preventDefault()
    byId('text').focus()
  }
  const kind = { '+': 'insert', '~': 'update', '-': 'delete' }[event.key]
  if (kind) toggle(kind)
})
choosePlan(
  Math.max(
    0,
    plans.findIndex(({ changes }) => changes.length > 0),
  ),
)
