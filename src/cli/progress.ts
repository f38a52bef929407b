import type { RunEvent, RunResult } from '../core/run.ts'
import type { Output } from './output.ts'
import { type Progress, progressLine } from './screen/progress-line.ts'
import type { Screen } from './screen/screen.ts'
import { displayWidth } from './screen/width.ts'

/** Shows how far runs are while they go on. */
export interface ProgressView extends Disposable {
  show(event: RunEvent): void
  /** Writes something else without leaving parts of a bar behind. */
  aside(write: () => void): void
}

export function createProgress(output: Output, names: readonly string[]): ProgressView {
  if (output.json) return new JsonProgress(output)
  if (output.terminal && !output.quiet) return new BarProgress(output, output.terminal, names)
  return { show: () => {}, aside: (write) => write(), [Symbol.dispose]: () => {} }
}

const jsonInterval = 250
const barInterval = 100

/** Quick runs end before a bar would be drawn. */
const patience = 250

/** A JSON line an event; of progress, every phase of a run as it begins, then at most four a second of all runs. */
class JsonProgress implements ProgressView {
  readonly #output: Output
  readonly #phases = new Map<string, string>()
  #last = 0

  constructor(output: Output) {
    this.#output = output
  }

  show(event: RunEvent): void {
    if (event.type === 'progress' && !this.#isDue(event)) return
    if (event.type === 'finished') this.#phases.delete(event.run)
    this.#output.tell(`${JSON.stringify(event.type === 'finished' ? { ...event, result: withoutCells(event.result) } : event)}\n`)
  }

  aside(write: () => void): void {
    write()
  }

  [Symbol.dispose](): void {}

  #isDue({ run, phase }: RunEvent & { readonly type: 'progress' }): boolean {
    const now = performance.now()
    if (this.#phases.get(run) === phase && now - this.#last < jsonInterval) return false
    this.#phases.set(run, phase)
    this.#last = now
    return true
  }
}

/** What goes to stderr may end in a log, where values do not belong: those are in the document on stdout. */
function withoutCells(result: RunResult): RunResult {
  const { id, sync, mode, command, status, counts, startedAt, seconds, bytesRead, watermark, error, details } = result
  return { id, sync, mode, command, status, counts, startedAt, seconds, bytesRead, watermark, error, details }
}

/** A bar a running sync, redrawn in place at most ten times a second. */
class BarProgress implements ProgressView {
  readonly #output: Output
  readonly #screen: Screen
  #names: number
  readonly #running = new Map<string, { readonly progress: Progress; readonly since: number }>()
  #patientUntil = 0
  #drawn = 0
  #last = 0

  constructor(output: Output, screen: Screen, names: readonly string[]) {
    this.#output = output
    this.#screen = screen
    this.#names = nameWidth(names)
  }

  show(event: RunEvent): void {
    if (event.type === 'started') this.#begin(event.sync)
    if (event.type === 'progress') this.#advance(event)
    if (event.type !== 'finished') return
    this.#running.delete(event.run)
    this.#clear()
  }

  /** The tables of a family are known only once it has begun. */
  #begin(sync: string): void {
    this.#patientUntil = performance.now() + patience
    this.#names = Math.max(this.#names, nameWidth([sync]))
  }

  #advance(event: RunEvent & { readonly type: 'progress' }): void {
    this.#note(event)
    const now = performance.now()
    if (now < this.#patientUntil || now - this.#last < barInterval) return
    this.#last = now
    this.#draw()
  }

  aside(write: () => void): void {
    this.#clear()
    write()
  }

  [Symbol.dispose](): void {
    this.#clear()
  }

  /** The clock of a phase starts with its first event. */
  #note({ run, sync, phase, rows, total }: RunEvent & { readonly type: 'progress' }): void {
    const now = performance.now()
    const former = this.#running.get(run)
    const since = former?.progress.phase === phase ? former.since : now
    const progress = { sync, phase, rows, ...(total === undefined ? {} : { total }), seconds: (now - since) / 1000 }
    this.#running.set(run, { progress, since })
  }

  #draw(): void {
    const lines = [...this.#running.values()].map(({ progress }) => progressLine(progress, this.#screen, this.#names))
    this.#output.tell(`${this.#erase()}${lines.join('\n')}`)
    this.#drawn = lines.length
  }

  #clear(): void {
    if (this.#drawn > 0) this.#output.tell(this.#erase())
    this.#drawn = 0
  }

  /** Back to where the first bar begins, and everything from there away. */
  #erase(): string {
    return `${this.#drawn > 1 ? `\u001b[${this.#drawn - 1}A` : ''}\r\u001b[J`
  }
}

/** A longer name stands in a line of its own. */
const widestName = 24

/** The width of the column of names that bars and results share. */
export function nameWidth(names: readonly string[]): number {
  return Math.min(widestName, Math.max(8, ...names.map(displayWidth).filter((width) => width <= widestName)))
}
