import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { configJsonSchema } from '../../src/config/json-schema.ts'
import { declareType } from './config-types.ts'

test('the published type of a config and the one that the code uses take the same configs', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'syncline-config-types-'))
  try {
    await writeFile(join(directory, 'published.ts'), declareType('ConfigInput', configJsonSchema()))
    await writeFile(
      join(directory, 'same.ts'),
      `import type { ConfigInput as Used } from '${resolve('src/config/schema.ts').replaceAll('\\', '/')}'
import type { ConfigInput as Published } from './published.ts'
export const there = (config: Used): Published => config
export const back = (config: Published): Used => config
`,
    )
    const flags = ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2024', '--module', 'nodenext']
    const checked = promisify(execFile)('tsc', [...flags, '--allowImportingTsExtensions', '--types', '', join(directory, 'same.ts')])
    expect(
      await checked.then(
        ({ stdout }) => stdout,
        ({ stdout }: { readonly stdout: string }) => stdout,
      ),
    ).toBe('')
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('what a schema requires, names and describes is declared', () => {
  const schema = {
    type: 'object',
    properties: {
      mode: { enum: ['a', 'b'], description: 'Which.' },
      keys: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    },
    required: ['mode'],
    additionalProperties: false,
  }
  expect(declareType('T', schema)).toBe(`export type T = {
  /** Which. */
  mode: "a" | "b"
  keys?: string | (string)[] | undefined
}
`)
})
