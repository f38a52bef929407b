import { pipeline, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { Dispatcher } from 'undici'
import { RunError } from '../../../core/errors.ts'
import type { RestResponse } from './client.ts'
import { type Asked, networkFailure, subject } from './errors.ts'

/** Bytes of an answer that are read for its text. */
const mostText = 16 * 1024 * 1024

/** An answer whose head has come. */
export class HttpResponse implements RestResponse {
  readonly status: number
  readonly headers: Headers
  readonly url: URL
  readonly #body: Dispatcher.ResponseData['body']
  readonly #asked: Asked
  readonly #signal: AbortSignal

  constructor(data: Dispatcher.ResponseData, url: URL, asked: Asked, signal: AbortSignal) {
    this.status = data.statusCode
    this.headers = headersOf(data.headers)
    this.url = url
    this.#body = data.body
    this.#asked = asked
    this.#signal = signal
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const decoder = this.#decoder()
    // The callback hears the same error as the loop.
    const stream = decoder ? pipeline(this.#body, decoder, () => {}) : this.#body
    try {
      for await (const chunk of stream) yield chunk
    } catch (thrown) {
      this.#signal.throwIfAborted()
      throw networkFailure(thrown, this.#asked, this.url.host).error
    }
  }

  async text(): Promise<string> {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of this.bytes()) {
      size += chunk.length
      if (size > mostText) throw this.#error('ANSWER_TOO_LARGE', `expected an answer of at most ${mostText} bytes, found more`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  }

  async discard(): Promise<void> {
    // A short rest is read, so that the connection can be used again; it does not matter how that ends.
    await this.#body.dump({ limit: 65_536 }).catch(() => {})
  }

  #decoder(): Transform | undefined {
    const encoding = this.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity'
    switch (encoding) {
      case '':
      case 'identity':
        return undefined
      // Node's own decoders, unlike those behind `fetch`, take an end that comes too early for an error.
      case 'gzip':
      case 'x-gzip':
        return createGunzip()
      case 'deflate':
        return createInflate()
      case 'br':
        return createBrotliDecompress()
      default:
        throw this.#error('UNKNOWN_ENCODING', 'expected an answer in gzip, deflate, br or without compression, found another encoding')
    }
  }

  #error(code: string, message: string): RunError {
    this.#body.destroy()
    return new RunError({ code, message: `${subject(this.#asked)}: ${message}` })
  }
}

function headersOf(incoming: Dispatcher.ResponseData['headers']): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming)) for (const one of [value ?? []].flat()) headers.append(name, one)
  return headers
}
