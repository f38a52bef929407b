import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Reference, Table } from '../../core/table.ts'
import { type Edge, edgesOf, type Node, openColumns, orderTables } from './order.ts'

/** `child.parent` for a foreign key of a child: judged at each statement, and NULL where `?` follows, or at the commit (`~`). */
function nodesOf(...keys: readonly string[]): readonly Node[] {
  const parsed = keys.map((text) => {
    const [, child = '', parent = '', mark = ''] = /^(\w+)\.(\w+)([?~]?)$/.exec(text) ?? []
    return { child, parent, mark, name: text.replace(/\W$/, '') }
  })
  const names = [...new Set(parsed.flatMap(({ child, parent }) => [child, parent]))].sort()
  return names.map((name): Node => {
    const own = parsed.filter(({ child }) => child === name)
    const references = own.map(({ parent, mark, name: key }): Reference => {
      const self = parent === name ? { self: true } : {}
      return { name: key, columns: [parent], table: parent, foreignColumns: ['id'], ...self, judged: mark === '~' ? 'commit' : 'statement' }
    })
    const columns = own.map(({ parent, mark }) => ({ name: parent, type: { kind: 'text' } as const, nullable: mark === '?' }))
    const referencedBy = parsed.filter(({ child, parent }) => parent === name && child !== name).map(({ name: key }) => key)
    const dependents = { views: [], referencedBy, cascades: [], triggers: [], others: [] }
    const target: Table = { ref: { name }, kind: 'table', columns, key: ['id'], uniques: [['id']], dependents, references }
    return { name, target }
  })
}

function order(...keys: readonly string[]) {
  const nodes = nodesOf(...keys)
  const { tables, opened } = orderTables(nodes, edgesOf(nodes))
  return { tables: tables.join(' '), opened: opened.map(({ child, parent, circle }) => `${child}.${parent}: ${circle.join(' → ')}`) }
}

describe('the order in which rows can be inserted', () => {
  test.each([
    ['a chain', ['line.order', 'order.customer'], 'customer order line', []],
    ['a diamond', ['d.b', 'd.c', 'b.a', 'c.a'], 'a b c d', []],
    ['a tree', ['person.person', 'person.team'], 'team person', []],
    ['a circle, where a column may be NULL', ['a.b', 'b.a?'], 'b a', ['b.a: b → a → b']],
    ['a circle that is judged at the commit', ['a.b', 'b.a~'], 'b a', []],
    ['a circle that nothing opens', ['a.b', 'b.c', 'c.a'], 'a c b', ['a.b: a → b → c → a']],
    ['two circles through one table', ['a.b', 'b.a?', 'b.c', 'c.b?', 'd.a'], 'c b a d', ['b.a: b → a → b', 'c.b: c → b → c']],
  ])('%s', (_, keys, tables, opened) => {
    expect(order(...keys)).toEqual({ tables, opened })
  })

  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const key = fc
    .tuple(fc.constantFrom(...names), fc.constantFrom(...names), fc.constantFrom('', '?', '~'))
    .map(([child, parent, mark]) => `${child}.${parent}${mark}`)
  const someKeys = fc.uniqueArray(key, { maxLength: 15, selector: (text) => text.replace(/\W$/, '') })

  test('every table stands after those that it refers to, but for keys that were opened or wait for the commit', () => {
    const isFollowed = ({ child, parent, reference }: Edge) => child !== parent && reference.judged !== 'commit'
    fc.assert(
      fc.property(someKeys, (keys) => {
        const nodes = nodesOf(...keys)
        const edges = edgesOf(nodes)
        const { tables, opened } = orderTables(nodes, edges)
        expect([...tables].sort()).toEqual(nodes.map(({ name }) => name))
        const open = new Set(opened.map(({ reference }) => reference))
        for (const edge of edges.filter(isFollowed)) {
          expect(open.has(edge.reference) || tables.indexOf(edge.parent) < tables.indexOf(edge.child)).toBe(true)
        }
      }),
    )
  })

  test('a key that cannot be NULL is opened only in a circle where every key holds at every moment and none can be', () => {
    fc.assert(
      fc.property(someKeys, (keys) => {
        const nodes = nodesOf(...keys)
        const edges = edgesOf(nodes)
        const canOpen = ({ child, reference }: Edge) => openColumns(nodes.find(({ name }) => name === child)?.target, reference).length > 0
        for (const edge of orderTables(nodes, edges).opened) {
          const { child, circle } = edge
          expect([circle[0], circle.at(-1)]).toEqual([child, child])
          if (canOpen(edge)) continue
          const steps = edges.filter((one) => circle.some((name, at) => one.child === name && one.parent === circle[at + 1]))
          expect(steps.filter((step) => canOpen(step) || step.reference.judged === 'commit')).toEqual([])
        }
      }),
    )
  })
})
