import { registerHooks } from 'node:module'

/** What a config needs of the package: `defineConfig` gives its types, and at run time nothing. */
const standIn = `data:text/javascript,${encodeURIComponent('export const defineConfig = (config) => config')}`

/**
 * Imports a config. `syncline` itself need not be installed beside it, as where the command was installed globally or is run
 * by npx. TypeScript is read as ES modules even where the package.json around it says `"type": "commonjs"`, as npm writes it.
 */
export async function importModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== 'syncline') return next(specifier, context)
      try {
        return next(specifier, context)
      } catch {
        return { url: standIn, shortCircuit: true }
      }
    },
    load(loaded, context, next) {
      return next(loaded, isOwnTypeScript(loaded) ? { ...context, format: 'module-typescript' } : context)
    },
  })
  try {
    return await import(url)
  } finally {
    hooks.deregister()
  }
}

function isOwnTypeScript(url: string): boolean {
  return /^file:.*\.ts$/.test(url) && !url.includes('/node_modules/')
}
