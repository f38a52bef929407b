import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { emitDeclarations } from './build/declarations.ts'
import { licenseTexts } from './build/licenses.ts'
import { withoutAzure } from './build/without-azure.ts'

/**
 * Makes dist/: `cli.js` (looks at the Node version and loads the rest), `main.js` (the command), `index.js` (the SDK) and
 * the chunks they share, each loaded when it is needed; `index.d.ts` and what it names; the licences of what was bundled.
 */
const { dependencies }: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(await readFile('package.json', 'utf8'))

await rm('dist', { recursive: true, force: true })
// Each part is waited for, also where another fails: they clean up behind themselves.
const parts = [bundleProduct(), buildStarter(), emitDeclarations('dist')] as const
await Promise.allSettled(parts)
const [modules] = await Promise.all(parts)
await writeFile('dist/third-party-licenses.txt', await licenseTexts(modules))
await chmod('dist/cli.js', 0o755)

/** The files that went into the product, packages included. */
async function bundleProduct(): Promise<readonly string[]> {
  await using bundle = await rolldown({
    input: { main: 'src/cli/main.ts', index: 'src/index.ts' },
    external: [...Object.keys(dependencies), 'pg-native'],
    plugins: [withoutAzure],
    platform: 'node',
    transform: { target: 'node24' },
    onLog: refuseWarnings,
  })
  const { output } = await bundle.write({ dir: 'dist', chunkFileNames: 'chunks/[name]-[hash].js', comments: { legal: false } })
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
}

/** Bundled on its own, so that it shares no chunk with files that an older Node cannot read. */
async function buildStarter(): Promise<void> {
  await using bundle = await rolldown({
    input: { cli: 'src/bin.ts' },
    external: './cli/main.ts',
    platform: 'node',
    transform: { target: 'node18' },
    onLog: refuseWarnings,
  })
  await bundle.write({ dir: 'dist', paths: { [resolve('src/cli/main.ts')]: './main.js' } })
}

/** A warning of the bundler is a defect of the product in waiting. */
function refuseWarnings(level: string, { message }: { readonly message: string }): void {
  if (level === 'warn') throw new Error(`the bundler warns: ${message}`)
}
