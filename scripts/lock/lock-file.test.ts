import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { completed, type Lock, lockFaults } from './lock-file.ts'

const faulty: Lock = {
  packages: {
    '': {},
    'node_modules/engine': {
      version: '1.0.0',
      license: 'MIT',
      optionalDependencies: { '@e/linux-x64': '1.0.0', '@e/win32-arm64-msvc': '1.0.0' },
    },
    'node_modules/@e/linux-x64': { version: '1.0.0', resolved: 'https://somewhere.example/e.tgz' },
  },
}

test('a lock file that leaves out a platform or names a host is caught', () => {
  expect(lockFaults(faulty)).toEqual([expect.stringContaining('@e/win32-arm64-msvc'), expect.stringContaining('node_modules/@e/linux-x64')])
})

test('a completed lock file has every platform, for that platform alone', () => {
  const { packages } = completed(faulty)
  expect(packages['node_modules/@e/win32-arm64-msvc']).toEqual({
    version: '1.0.0',
    cpu: ['arm64'],
    os: ['win32'],
    optional: true,
    license: 'MIT',
  })
  expect(lockFaults({ packages })).toHaveLength(1)
})

test('what is not a platform package of an exact version is not made up', () => {
  expect(() => completed({ packages: { 'node_modules/a': { optionalDependencies: { b: '^1.0.0' } } } })).toThrow('b@^1.0.0')
})

test("the project's lock file is whole", async () => {
  expect(lockFaults(JSON.parse(await readFile('package-lock.json', 'utf8')))).toEqual([])
})
