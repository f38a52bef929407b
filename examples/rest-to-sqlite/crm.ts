import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Contact {
  id: number
  name: string
  email: string
  address: { city: string; country: string }
  phones: { kind: string; number: string }[]
}

export interface Crm {
  readonly url: string
  readonly contacts: Map<number, Contact>
  /** Whether the connection breaks in the middle of the last page. */
  breaks: boolean
  close(): void
}

const pageSize = 50

/** A small CRM over HTTP: contacts in pages of 50, for those who have its token. */
export async function startCrm(token: string): Promise<Crm> {
  const contacts = new Map(Array.from({ length: 230 }, (_, index) => [index + 1, contact(index + 1)]))
  const state = { breaks: false }
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://crm')
    if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end()
    if (url.pathname !== '/v2/contacts') return response.writeHead(404).end()
    const after = Number(url.searchParams.get('after') ?? 0)
    const items = [...contacts.values()].filter(({ id }) => id > after).slice(0, pageSize)
    const body = JSON.stringify({ items, next: items.length === pageSize ? String(items.at(-1)?.id) : null })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    if (!state.breaks || items.length === pageSize) return response.end(body)
    response.write(body.slice(0, 1_000))
    return setTimeout(() => response.destroy(), 20)
  }
  const server = createServer(answer)
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`,
    contacts,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  })
}

function contact(id: number): Contact {
  const city = ['Oslo', 'Wien', 'Zürich'][id % 3] ?? ''
  return {
    id,
    name: `Contact ${id}`,
    email: `contact${id}@example.com`,
    address: { city, country: ['NO', 'AT', 'CH'][id % 3] ?? '' },
    phones: Array.from({ length: id % 3 }, (_, index) => ({ kind: index === 0 ? 'work' : 'home', number: `00${id}${index}` })),
  }
}
