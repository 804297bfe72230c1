/** One call to a workspace server, in either form of the door. Paths and links stay at the server, whatever a setting or an answer says. */
import { z } from 'zod'
import { releaseLease } from '../../../shared/database/tenant-database.js'
import { assertOutsideAllowed, callOutside } from '../../../shared/outside/client.js'
import { kasmCodes, type KasmServer } from './kasm-api.js'
import { errorIn, fail } from './outside-words.js'

/** Settings. Two slashes, or a backslash, would lead to another host. */
export const serverPath = z.string().regex(/^\/(?![/\\])/).max(200)
export const callTimeout = z.number().int().min(50).max(60_000).default(15_000)
/** Most that a call of "Test connection" waits, in milliseconds. */
export const PROBE_TIMEOUT_MS = 5000
/** A list of all sessions of a large server is long; nothing else is. */
const LIST_BYTES = 32_000_000

/** Of a session that was only just asked for. */
export const noTimes = { startedAt: null, lastActiveAt: null, expiresAt: null }

/** Awaited before each single call to the server: the place of a rate limit. What it throws is the call's error. */
export type BeforeCall = () => Promise<void>

export interface ServerCall<T> {
  readonly method: 'GET' | 'POST'
  readonly pathname: string
  readonly query?: Readonly<Record<string, unknown>>
  readonly headers?: Record<string, string>
  readonly body?: Readonly<Record<string, unknown>>
  readonly schema: z.ZodType<T>
  readonly timeoutMs: number
  /** Answers a list of all that the server has. */
  readonly long?: boolean
}

/** The answer as the schema reads it. Throws OutsideError when the server says no or cannot be understood. */
export async function callServer<T>(server: KasmServer, call: ServerCall<T>, beforeCall?: BeforeCall): Promise<T> {
  assertOutsideAllowed('kasm')
  releaseLease()                                                    // nobody waits for our database connection while the server thinks
  await beforeCall?.()
  const { method, pathname, query = {}, headers = {}, body, schema, timeoutMs } = call
  const url = new URL(pathname, server.baseUrl)
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value))
  const answer = await callOutside({
    door: 'kasm', method, url: url.href, headers, timeoutMs, publicOnly: server.own === true,
    ...(call.long ? { maxBytes: LIST_BYTES } : {}), ...(body ? { body } : {}),
  })
  const error = errorIn(answer)
  if (error) throw error
  const parsed = schema.safeParse(answer.json)
  if (!parsed.success) throw fail('The workspace server gave an answer that we do not understand.', kasmCodes.badAnswer, true, true)
  return parsed.data
}

/** A link that was answered, complete or as a path of the first of these places; one that leads elsewhere is thrown as `bad-answer`. */
export function linkWithin(text: string, home: string, ...places: readonly string[]): string {
  const link = URL.canParse(text, home) ? new URL(text, home) : null
  if (!link || ![home, ...places].some((place) => new URL(place).origin === link.origin)) {
    throw fail('The workspace server gave a link to another place.', kasmCodes.badAnswer, false)
  }
  return link.href
}
