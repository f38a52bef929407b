import { createInterface } from 'node:readline/promises'
import { modes } from '../../core/definition.ts'
import { SynclineError } from '../../core/errors.ts'
import type { StartingPoint } from './starting-config.ts'

/** Asks a person at a terminal for what flags left open. Questions go to stderr; an empty answer takes what stands in brackets. */
export async function ask(given: StartingPoint): Promise<StartingPoint> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<never>((_, reject) => lines.once('close', () => reject(nothingWritten())))
  closed.catch(() => {})
  const question = async (text: string, preset: string) => {
    const answer = await Promise.race([lines.question(`${text} [${preset}]: `), closed])
    return answer.trim() || preset
  }
  try {
    const from =
      given.from ?? (await question('What is read? An address such as postgres://me@db/shop#orders or ./orders.csv', './data/orders.csv'))
    const to = given.to ?? (await question('What is written?', './warehouse.db#orders'))
    const mode = given.mode ?? (await askMode(question))
    const key =
      given.key ??
      splitKey(await question('Which columns identify a row? With commas between', mode === 'replace' || mode === 'append' ? 'none' : 'id'))
    return { from, to, mode, key }
  } catch (error) {
    // Below the question that was not answered.
    process.stderr.write('\n')
    throw error
  } finally {
    lines.close()
  }
}

async function askMode(question: (text: string, preset: string) => Promise<string>) {
  for (;;) {
    const answer = await question(`What becomes of the target? ${modes.join(', ')}`, 'mirror')
    const mode = modes.find((name) => name === answer)
    if (mode) return mode
  }
}

function splitKey(answer: string): readonly string[] {
  return answer === 'none'
    ? []
    : answer
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
}

function nothingWritten(): SynclineError {
  return new SynclineError({ code: 'CANCELLED', message: 'cancelled; nothing was written' })
}
