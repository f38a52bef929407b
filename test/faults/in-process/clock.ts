// Imported by the process under test before Syncline is: its clock stands wrong by FAULTS_CLOCK days, and jumps there only
// after so many milliseconds.

const [days = 0, after = 0] = (process.env.FAULTS_CLOCK ?? '').split(' ').map(Number)
const Real = Date
const jump = Real.now() + after
const now = () => Real.now() + (Real.now() >= jump ? days * 86_400_000 : 0)

class Wrong extends Real {
  constructor(...values: readonly unknown[]) {
    super(...((values.length === 0 ? [now()] : values) as [number]))
  }

  static override now(): number {
    return now()
  }
}

globalThis.Date = Wrong as DateConstructor
