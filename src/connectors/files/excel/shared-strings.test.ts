import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SharedStrings } from './shared-strings.ts'
import { textField } from './text-field.ts'

test('texts past what memory holds lie in a file and are found there, in any order', () => {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-texts-'))
  const path = join(folder, 'texts')
  const count = 60_001
  const textOf = (index: number) => `${index} ${'ä'.repeat(index % 900)}`
  try {
    using strings = new SharedStrings(() => path)
    for (let index = 0; index < count; index++) strings.add(textField(textOf(index)))
    strings.seal(false)
    expect(statSync(path).size).toBeGreaterThan(10 << 20)
    const found = (index: number) =>
      strings.find(index) ? Buffer.from(strings.bytes.subarray(strings.from, strings.to)).toString() : undefined
    const scattered = Array.from({ length: 300 }, (_, step) => (step * 7919) % count)
    for (const index of [...Array.from({ length: count }, (_, at) => at), ...scattered]) {
      if (found(index) !== `"${textOf(index)}"`) throw new Error(`text ${index} is another one`)
    }
    expect([found(-1), found(count), found(Number.NaN)]).toEqual([undefined, undefined, undefined])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
