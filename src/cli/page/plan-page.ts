import { chmod, readFile, writeFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { RunError } from '../../core/errors.ts'
import type { PlanResult } from '../../core/run.ts'

/** Changes of each kind that a page holds at most: a browser keeps them all in memory. */
export const mostChanges = 200_000

/** One page that holds everything it needs: the plans, how they look, and what shows, sorts and filters them. */
async function planPage(results: readonly PlanResult[]): Promise<string> {
  const [page, style, script] = await Promise.all(['page.html', 'page.css', 'page.js'].map(readAsset))
  const title = `Plan: ${results.map(({ sync }) => sync).join(', ')}`
  const head = `<title>${escapeText(title)}</title><style>${style}</style></head>`
  const data = `<script type="application/json" id="data">${embedded(results.map(planData))}</script>`
  return (page ?? '').replace(/<title>[\s\S]*<\/head>/, () => head).replace('</body>', () => `${data}<script>${script}</script></body>`)
}

/** Writes the page where its owner alone may read it: it holds rows. */
export async function writePlanPage(path: string, results: readonly PlanResult[]): Promise<void> {
  try {
    await writeFile(path, await planPage(results), { mode: 0o600 })
    await chmod(path, 0o600)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new RunError({
      code: 'CANNOT_SAVE',
      message: `the page cannot be written to ${path}: ${code}`,
      hint: 'name a file in a folder that exists',
      cause,
    })
  }
}

function planData({ sync, mode, counts, startedAt, error, details, columns, samples }: PlanResult) {
  const changes = samples.map(({ kind, after, before }) => [kind, after, before])
  return {
    sync,
    from: details.from,
    to: details.to,
    mode,
    key: details.key,
    counts,
    schema: details.schema,
    notes: details.notes,
    madeAt: startedAt,
    error: error?.message,
    columns,
    changes,
    left: counts.inserted + counts.updated + counts.deleted - changes.length,
  }
}

/** JSON that ends no script element and begins no comment, whatever the cells hold (HTML Standard, "Restrictions for contents of script elements"). */
function embedded(data: unknown): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c')
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

async function readAsset(name: string): Promise<string> {
  const manifest = findPackageJSON(import.meta.url)
  if (manifest === undefined)
    throw new RunError({ code: 'BROKEN_INSTALL', message: 'the files of the page are not there', hint: 'install syncline again' })
  return await readFile(join(dirname(manifest), 'assets', 'plan-page', name), 'utf8')
}
