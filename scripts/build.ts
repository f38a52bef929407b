import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { emitDeclarations } from './build/declarations.ts'
import { licenseTexts } from './build/licenses.ts'

/**
 * Makes dist/: `cli.js` (looks at the Node version and loads the rest), `main.js` (the command), `index.js` (the SDK) and
 * the chunks they share, each loaded when it is needed; `index.d.ts` and what it names; the licences of what was bundled.
 */
const { dependencies }: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(await readFile('package.json', 'utf8'))

await rm('dist', { recursive: true, force: true })
// Each part is waited for, also where another fails: they clean up behind themselves.
const parts = [bundleProduct(), buildStarter(), emitDeclarations('dist')] as const
await Promise.allSettled(parts)
const [bundle] = await Promise.all(parts)
await writeFile('dist/third-party-licenses.txt', await licenseTexts(Object.keys(bundle.metafile.inputs)))
await chmod('dist/cli.js', 0o755)

async function bundleProduct() {
  return await build({
    entryPoints: { main: 'src/cli/main.ts', index: 'src/index.ts' },
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: [...Object.keys(dependencies), 'pg-native'],
    // Bundled CommonJS calls `require` for what Node brings.
    banner: { js: `import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(import.meta.url);` },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
}

/** Bundled on its own, so that it shares no chunk with files that an older Node cannot read. */
async function buildStarter() {
  return await build({
    entryPoints: { cli: 'src/bin.ts' },
    outdir: 'dist',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node18',
    logLevel: 'warning',
    plugins: [
      {
        name: 'the rest stays outside',
        setup({ onResolve }) {
          onResolve({ filter: /^\.\/cli\/main\.ts$/ }, () => ({ path: './main.js', external: true }))
        },
      },
    ],
  })
}
