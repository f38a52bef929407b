import { rm, writeFile } from 'node:fs/promises'
import { bundle } from './build/bundle.ts'
import { emitDeclarations } from './build/declarations.ts'
import { licenseTexts } from './build/licenses.ts'

/**
 * Makes dist/: `cli.js` (looks at the Node version and loads the rest), `main.js` (the command), `index.js` (the SDK) and
 * the chunks they share, each loaded when it is needed; `index.d.ts` and what it names; the licences of what was bundled.
 */
await rm('dist', { recursive: true, force: true })
// Each part is waited for, also where another fails: they clean up behind themselves.
const parts = [bundle('dist'), emitDeclarations('dist')] as const
await Promise.allSettled(parts)
const [modules] = await Promise.all(parts)
await writeFile('dist/third-party-licenses.txt', await licenseTexts(modules))
