import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// The main job on real data: a plan, a run, a change at the source, the second plan row by row, a run, a verification.

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, '.demo')
const data = join(folder, 'data')
const airports = join(data, 'airports.csv')

const began = performance.now()
prepare()
say('A CSV, a JSON and a Parquet file shall be kept in step with one SQLite database. First, what would change?')
syncline('plan', 'airports')
say('Apply it, all three.')
syncline('run')
say('Now the source changes: one airport has another name, one another city, one is new, one is gone.')
changeAirports()
syncline('plan', 'airports')
say('Apply exactly that, and prove that both sides agree.')
syncline('run', 'airports')
syncline('verify', 'airports')
syncline('runs')
say(`Done in ${((performance.now() - began) / 1000).toFixed(1)} s. The folder .demo holds the config, the files and the database.`)

function prepare(): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(data, { recursive: true })
  copyFileSync(join(import.meta.dirname, 'syncline.yaml'), join(folder, 'syncline.yaml'))
  const source = join(root, 'node_modules', 'vega-datasets', 'data')
  for (const file of ['airports.csv', 'movies.json', 'flights-3m.parquet']) copyFileSync(join(source, file), join(data, file))
}

function changeAirports(): void {
  const [header = '', ...lines] = readFileSync(airports, 'utf8').split('\n')
  const changed = lines
    .filter((line) => !line.startsWith('00V,'))
    .map((line) =>
      line.replace('00R,Livingston Municipal', '00R,Livingston Regional').replace('Thigpen,Bay Springs,', 'Thigpen,Bay Springs South,'),
    )
  const added = 'X99,Syncline Field,Königsberg,MT,USA,46.1,-111.9'
  writeFileSync(airports, [header, added, ...changed].join('\n'))
}

function say(text: string): void {
  process.stdout.write(`\n${text}\n`)
}

/** Runs the command as a user would; 2 only says that there are differences. */
function syncline(...words: string[]): void {
  process.stdout.write(`\n$ syncline ${words.join(' ')}\n`)
  const { status } = spawnSync(process.execPath, [join(root, 'src', 'bin.ts'), ...words], { cwd: folder, stdio: 'inherit' })
  if (status === 0 || status === 2) return
  process.stderr.write(`the demo stopped: syncline ${words.join(' ')} ended with ${status}\n`)
  process.exit(1)
}
