import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCrm } from './crm.ts'

// The contacts of a CRM that is only an API are mirrored into SQLite: node examples/rest-to-sqlite/example.ts

const folder = mkdtempSync(join(tmpdir(), 'syncline-example-'))
copyFileSync(join(import.meta.dirname, 'syncline.yaml'), join(folder, 'syncline.yaml'))
const crm = await startCrm('a secret')
try {
  say('A CRM with 230 contacts, in pages of 50. What would SQLite get?')
  await syncline('plan', 'contacts')
  await syncline('run')

  say('One contact moves, one goes, one is new.')
  const moved = crm.contacts.get(7)
  if (moved) moved.address = { city: 'Bergen', country: 'NO' }
  crm.contacts.delete(100)
  crm.contacts.set(231, { id: 231, name: 'New', email: 'new@example.com', address: { city: 'Graz', country: 'AT' }, phones: [] })

  say('The connection breaks in the middle of the last page: nothing is deleted.')
  crm.breaks = true
  await syncline('run', 'contacts')
  say('Once the CRM is well again, the pages that were complete are not asked for twice.')
  crm.breaks = false
  await syncline('run')
  await syncline('verify')
} finally {
  crm.close()
  rmSync(folder, { recursive: true })
}

function say(text: string): void {
  process.stdout.write(`\n${text}\n`)
}

/** Runs the command as a user would; 1 says that a run failed, which is a part of the story, 2 that there are differences. */
async function syncline(...words: string[]): Promise<void> {
  process.stdout.write(`\n$ syncline ${words.join(' ')}\n`)
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'src', 'bin.ts'), ...words], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CRM_URL: crm.url, CRM_TOKEN: 'a secret' },
  })
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (![0, crm.breaks ? 1 : 0, 2].includes(status ?? 1)) throw new Error(`syncline ${words.join(' ')} ended with ${status}`)
}
