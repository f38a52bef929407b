import { expect, test } from 'vitest'
import { configJsonSchema } from './json-schema.ts'

test('the schema knows what the loader knows, and nothing else', () => {
  const schema = JSON.parse(JSON.stringify(configJsonSchema()))
  expect(schema.$schema).toContain('draft-07')
  expect(schema.additionalProperties).toBe(false)
  expect(Object.keys(schema.properties)).toEqual(['$schema', 'connections', 'syncs', 'defaults', 'state'])
  const sync = schema.properties.syncs.additionalProperties
  expect(sync.required).toEqual(['from', 'to'])
  expect(sync.additionalProperties).toBe(false)
  expect(sync.properties.mode.enum).toContain('mirror')
})

test('every key is described for editors', () => {
  const undescribed = propertiesOf(configJsonSchema()).filter(([name, property]) => name !== 'type' && !property.description)
  expect(undescribed).toEqual([])
})

type Property = readonly [name: string, property: { readonly description?: string }]

function propertiesOf(node: unknown): readonly Property[] {
  if (typeof node !== 'object' || node === null) return []
  const own = 'properties' in node ? Object.entries(node.properties as Record<string, Property[1]>) : []
  return [...own, ...Object.values(node).flatMap(propertiesOf)]
}
