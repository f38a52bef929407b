import { execFileSync } from 'node:child_process'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import manifest from '../package.json' with { type: 'json' }

/** Builds the package and looks at it as npm would publish it: its entries resolve, and it holds what it should and no more. */
const shipped = [
  /^package\.json$/,
  /^README\.md$/,
  /^LICENSE$/,
  /^CHANGELOG\.md$/,
  /^dist\/third-party-licenses\.txt$/,
  /^assets\/plan-page\/page\.(css|html|js)$/,
  /^dist\/(chunks\/)?[\w.-]+\.js$/,
  /^dist\/([\w-]+\/)*[\w-]+\.d\.ts$/,
]
const expected = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'assets/plan-page/page.html',
  'dist/cli.js',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/third-party-licenses.txt',
]

interface Pack {
  readonly files: readonly { readonly path: string }[]
}

execFileSync(process.execPath, ['scripts/build.ts'], { stdio: 'inherit' })
const { messages } = await publint({ pkgDir: '.', strict: true })
const faults = [...messages.map((message) => formatMessage(message, manifest, { color: false }) ?? message.code), ...packFaults()]
for (const fault of faults) console.log(fault)
if (faults.length > 0) process.exitCode = 1

function packFaults(): readonly string[] {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const packs: readonly Pack[] = JSON.parse(output)
  const paths = packs.flatMap(({ files }) => files.map(({ path }) => path))
  return [
    ...paths.filter((path) => !shipped.some((pattern) => pattern.test(path))).map((path) => `${path} would be published and should not`),
    ...expected.filter((path) => !paths.includes(path)).map((path) => `${path} is missing from the package`),
  ]
}
