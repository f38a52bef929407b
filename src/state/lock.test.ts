import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockSync } from './lock.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'syncline-lock-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('a sync stays held while this process tries to hold it again', async () => {
  using _held = lockSync(directory, 'orders')
  expect(() => lockSync(directory, 'orders')).toThrow('is being run by another process')
  expect(await triedElsewhere()).toBe('LOCKED')
})

/** What another process is told. */
async function triedElsewhere(): Promise<string> {
  const script = `
import { lockSync } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))}
try {
  lockSync(${JSON.stringify(directory)}, 'orders')
  console.log('free')
} catch (error) {
  console.log(error.code)
}`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  return stdout.trim()
}
