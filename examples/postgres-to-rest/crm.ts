import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Contact {
  readonly name: string
  readonly email: string
}

/** A small CRM that gives ids, refuses contacts without a real address, and repeats its answer to an idempotency key. */
export async function startCrm(token: string) {
  const contacts = new Map<string, Contact>([['1000', { name: 'Somebody Else', email: 'else@example.com' }]])
  const answers = new Map<string, Answer>()
  const server = createServer(async (request, response) => {
    const key = String(request.headers['idempotency-key'] ?? '')
    const known = key === '' ? undefined : answers.get(key)
    const answer = known ?? handle(request, await bodyOf(request), contacts, token)
    if (key !== '') answers.set(key, answer)
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/v1`, contacts, close: () => server.close() }
}

interface Answer {
  readonly status: number
  readonly body: object
}

let nextId = 1001

function handle({ method, url, headers }: IncomingMessage, body: string, contacts: Map<string, Contact>, token: string): Answer {
  if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: { error: 'who are you?' } }
  const id = /^\/v1\/contacts\/(\w+)$/.exec(url ?? '')?.[1]
  if (method === 'DELETE' && id !== undefined) return contacts.delete(id) ? { status: 200, body: {} } : { status: 404, body: {} }
  const { contact } = JSON.parse(body) as { readonly contact: Contact }
  if (!contact.email.includes('@')) return { status: 422, body: { error: `${contact.email} is no address` } }
  if (method === 'POST') {
    const made = String(nextId++)
    contacts.set(made, contact)
    return { status: 201, body: { id: made, ...contact } }
  }
  const former = id === undefined ? undefined : contacts.get(id)
  if (method !== 'PATCH' || id === undefined || !former) return { status: 404, body: { error: 'no such contact' } }
  contacts.set(id, { ...former, ...contact })
  return { status: 200, body: { id, ...contact } }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
