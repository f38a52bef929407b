import { readFile, writeFile } from 'node:fs/promises'
import { completed, type Lock, lockFaults } from './lock/lock-file.ts'

/** Looks at package-lock.json; `--complete` adds what a registry that lacks some platforms left out. */
const file = 'package-lock.json'
const lock: Lock = JSON.parse(await readFile(file, 'utf8'))

if (process.argv.includes('--complete')) {
  await writeFile(file, `${JSON.stringify(completed(lock), null, 2)}\n`)
} else {
  const faults = lockFaults(lock)
  for (const fault of faults) console.log(fault)
  if (faults.length > 0) process.exitCode = 1
}
