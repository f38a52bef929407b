import { promises as files, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'
import { DatabaseSync, StatementSync } from 'node:sqlite'

// Imported by the process under test before Syncline is (`node --import`), which knows nothing of it. It gives each thing that a
// process does to the world outside a name: the phase that the run was last said to be in, and how many things were done in it.
// `committing+0` is the progress line itself, `committing+1` the next packet to a server, statement to SQLite or change of a file.
//
// FAULTS_DIE: the name of a step, and whether to die before or after it. FAULTS_STEPS: the file to write all names to at the end.

const { FAULTS_DIE: wanted, FAULTS_STEPS: list } = process.env
const [fatal, when] = wanted?.split(' ') ?? []

const steps: string[] = []
let phase = 'starting'
let done = 0

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  // The signal of a process to itself arrives before the call returns; if ever it does not, nothing more is done.
  for (;;);
}

function step<Result>(action: () => Result): Result {
  const name = `${phase}+${done++}`
  if (list !== undefined) steps.push(name)
  if (name !== fatal) return action()
  if (when === 'before') die()
  const result = action()
  if (result instanceof Promise) return result.finally(die) as Result
  return die()
}

type Method = (this: unknown, ...values: unknown[]) => unknown

/** Makes every call of a method a step, or those that `counts` says. */
function watch(home: object, name: string, counts: (self: unknown) => boolean = () => true): void {
  const methods = home as Record<string, Method>
  const original = methods[name]
  if (!original) throw new Error(`expected a method ${name}, there is none: this Node is another one`)
  methods[name] = function (this: unknown, ...values) {
    return counts(this) ? step(() => original.apply(this, values)) : original.apply(this, values)
  }
}

const isRemote = (socket: unknown) => (socket as Socket).remotePort !== undefined
for (const method of ['_write', '_writev']) watch(Socket.prototype, method, isRemote)

watch(DatabaseSync.prototype, 'exec')
/** A statement that writes row after row is one step. */
const begun = new WeakSet<object>()
watch(StatementSync.prototype, 'run', (statement) => {
  const isNew = !begun.has(statement as object)
  begun.add(statement as object)
  return isNew
})

for (const method of ['mkdir', 'mkdtemp', 'rename', 'rm', 'chmod', 'copyFile', 'writeFile']) watch(files, method)
syncBuiltinESMExports()

const { stderr } = process
const write = stderr.write.bind(stderr) as (...values: readonly unknown[]) => boolean
stderr.write = (...values: readonly unknown[]) => {
  const [, next] = /"phase":"(\w+)"/.exec(String(values[0])) ?? []
  if (next === undefined || next === phase) return write(...values)
  phase = next
  done = 0
  return step(() => write(...values))
}

if (list !== undefined) process.on('exit', () => writeFileSync(list, JSON.stringify(steps)))
