import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { startCrm } from './crm.ts'

// Customers of a PostgreSQL database become contacts of a CRM: node examples/postgres-to-rest/example.ts postgres://user@host/database

const [shop] = process.argv.slice(2)
if (shop === undefined) throw new Error('name a PostgreSQL database: postgres://user@host/database')

const folder = mkdtempSync(join(tmpdir(), 'syncline-example-'))
copyFileSync(join(import.meta.dirname, 'syncline.yaml'), join(folder, 'syncline.yaml'))
const crm = await startCrm('a secret')
const database = new Client({ connectionString: shop })
await database.connect()
try {
  await database.query('DROP SCHEMA IF EXISTS syncline_example CASCADE; CREATE SCHEMA syncline_example')
  await database.query(`CREATE TABLE syncline_example.customers (customer_id bigint PRIMARY KEY, name text NOT NULL, email text NOT NULL);
    INSERT INTO syncline_example.customers VALUES (1, 'Ada Lovelace', 'ada@example.com'), (2, 'Carl Gauß', 'carl@example.com'),
      (3, 'Emmy Noether', 'not known')`)

  say('Three customers. What would the CRM be sent?')
  await syncline('plan')
  await syncline('run')
  say('The CRM refused one, and said why.')
  await syncline('rejects')

  say('One customer is mended, one goes, one is new.')
  await database.query(`UPDATE syncline_example.customers SET email = 'emmy@example.com' WHERE customer_id = 3;
    DELETE FROM syncline_example.customers WHERE customer_id = 2;
    INSERT INTO syncline_example.customers VALUES (4, 'Sofja Kowalewskaja', 'sofja@example.com')`)
  await syncline('run')
  say('The CRM now holds, besides a contact that was there before:')
  for (const [id, { name, email }] of crm.contacts) process.stdout.write(`${id}  ${name}  ${email}\n`)
  await syncline('run')
} finally {
  await database.query('DROP SCHEMA IF EXISTS syncline_example CASCADE')
  await database.end()
  crm.close()
  rmSync(folder, { recursive: true })
}

function say(text: string): void {
  process.stdout.write(`\n${text}\n`)
}

/** Runs the command as a user would; 2 says that there are differences, 4 that rows were set aside. */
async function syncline(...words: string[]): Promise<void> {
  process.stdout.write(`\n$ syncline ${words.join(' ')}\n`)
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'src', 'bin.ts'), ...words], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, SHOP_URL: shop, CRM_URL: crm.url, CRM_TOKEN: 'a secret' },
  })
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (![0, 2, 4].includes(status ?? 1)) throw new Error(`syncline ${words.join(' ')} ended with ${status}`)
}
