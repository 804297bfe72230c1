/**
 * One HTTP call to an address that somebody outside of the platform chose. It connects only to addresses of the open internet, and to the very address that was
 * looked at, so a name that changes its mind between look and call leads nowhere. Redirects are not followed.
 */
import { lookup } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { OutsideError } from '../errors.js'
import { isPublicAddress } from './public-host.js'

export interface PlainAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: AsyncIterable<Uint8Array>
}

const notPublic = (door: string): OutsideError => new OutsideError('This address is not one of the open internet.', { door, code: 'private-address', retryable: false })

/** Answers what the system answers, unless one of the addresses is closed: then nothing is connected to. */
const publicLookup = (door: string): LookupFunction => (host, options, done) => {
  lookup(host, { ...options, all: true, verbatim: true }, (error, found) => {
    const first = found?.[0]
    if (error || !first) return done(error ?? new Error(`${host} resolves to nothing`), '', 0)
    if (!found.every(({ address }) => isPublicAddress(address))) return done(notPublic(door), '', 0)
    if (options.all) done(null, found)
    else done(null, first.address, first.family)
  })
}

const headersOf = (message: http.IncomingMessage): Headers => new Headers(Object.entries(message.headersDistinct).flatMap(([name, values]) => (values ?? []).map((value): [string, string] => [name, value])))

/** Throws OutsideError `private-address`; the errors of the connection as they come. */
export async function publicFetch(door: string, url: string, init: { method: string; headers: Record<string, string>; body?: string | Uint8Array<ArrayBuffer>; signal: AbortSignal }): Promise<PlainAnswer> {
  const { protocol, hostname } = new URL(url)
  const literal = hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) && !isPublicAddress(literal)) throw notPublic(door)
  const { body, ...options } = init
  return new Promise((resolve, reject) => {
    const request = (protocol === 'https:' ? https : http).request(url, { ...options, lookup: publicLookup(door), agent: false }, (message) => {
      resolve({ status: message.statusCode ?? 0, headers: headersOf(message), body: message })
    })
    request.on('error', reject)
    request.end(body)
  })
}
