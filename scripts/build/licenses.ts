import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
}

/**
 * Name, version and licence text of every package that the inputs of a bundle come from.
 * @throws Error where a package carries no licence text: it may then not be bundled unseen.
 */
export async function licenseTexts(inputs: readonly string[]): Promise<string> {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined))
  const texts = await Promise.all([...folders].sort().map(licenseText))
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}

function packageFolder(input: string): string | undefined {
  return /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(input)?.[0]
}

async function licenseText(folder: string): Promise<string> {
  const { name, version, license = '' }: Manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? await licenseInReadme(folder, name) : await readFile(join(folder, file), 'utf8')
  return `${name} ${version} (${license})\n\n${text.trim()}\n`
}

async function licenseInReadme(folder: string, name: string): Promise<string> {
  const readme = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '')
  const [, section] = /^#+\s*licen[cs]e\s*$([\s\S]*)/im.exec(readme) ?? []
  return section ?? (await licenseHeldHere(name))
}

/** The text that a package's repository holds and its publisher left out. */
async function licenseHeldHere(name: string): Promise<string> {
  return await readFile(join(import.meta.dirname, 'license-texts', `${name.replace('/', '+')}.txt`), 'utf8').catch(() => {
    throw new Error(`${name} is bundled and carries no licence text`)
  })
}
