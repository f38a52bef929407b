import { chmod, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { withoutAzure } from './without-azure.ts'

/** Makes the JavaScript of the package in a directory. @returns the files that went into it, packages included. */
export async function bundle(directory: string): Promise<readonly string[]> {
  const parts = [bundleProduct(directory), buildStarter(directory)] as const
  await Promise.allSettled(parts)
  const [modules] = await Promise.all(parts)
  await chmod(join(directory, 'cli.js'), 0o755)
  return modules
}

async function bundleProduct(directory: string): Promise<readonly string[]> {
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly dependencies: object }
  await using bundled = await rolldown({
    input: { main: 'src/cli/main.ts', index: 'src/index.ts' },
    external: [...Object.keys(dependencies), 'pg-native'],
    plugins: [withoutAzure],
    platform: 'node',
    transform: { target: 'node24' },
    onLog: refuseWarnings,
  })
  const { output } = await bundled.write({ dir: directory, chunkFileNames: 'chunks/[name]-[hash].js', comments: { legal: false } })
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
}

/** Bundled on its own, so that it shares no chunk with files that an older Node cannot read. */
async function buildStarter(directory: string): Promise<void> {
  await using bundled = await rolldown({
    input: { cli: 'src/bin.ts' },
    external: './cli/main.ts',
    platform: 'node',
    transform: { target: 'node18' },
    onLog: refuseWarnings,
  })
  await bundled.write({ dir: directory, paths: { [resolve('src/cli/main.ts')]: './main.js' } })
}

/** A warning of the bundler is a defect of the product in waiting. */
function refuseWarnings(level: string, { message }: { readonly message: string }): void {
  if (level === 'warn') throw new Error(`the bundler warns: ${message}`)
}
