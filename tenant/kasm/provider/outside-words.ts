/** How a workspace server says no, in both forms of the door: its words become codes, its times become instants. */
import { z } from 'zod'
import { OutsideError } from '../../../shared/errors.js'
import type { OutsideAnswer } from '../../../shared/outside/client.js'
import { kasmCodes, type KasmStatus } from './kasm-api.js'

/** What Kasm's sentences mean, first match wins. Repeating helps only where the world may change by itself. */
const meanings: Array<[RegExp, string, boolean]> = [
  [/no resources/i, kasmCodes.noResources, true],
  [/already exists/i, kasmCodes.userExists, false],
  [/not authorized|no default image/i, kasmCodes.imageNotAuthorized, false],
  [/unauthorized|access denied|permission/i, kasmCodes.unauthorized, false],
  [/user is (disabled|locked)/i, kasmCodes.userDisabled, false],
  [/invalid kasm_id|unable to find|not found|does not exist/i, kasmCodes.notFound, false],
  [/not in a valid state/i, kasmCodes.wrongState, true],
]

export const fail = (message: string, code: string, retryable: boolean, unknown = false): OutsideError =>
  new OutsideError(message, { door: 'kasm', code, retryable, unknown })
export const notOffered = (): OutsideError => fail('The workspace server does not offer this.', kasmCodes.notSupported, false)
/** The outside said no in one of these ways. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean => error instanceof OutsideError && codes.includes(error.code ?? '')

/** One printable line of at most 200 characters: the outside's words are input like any other. */
export const shorten = (text: string): string => text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200)

/** Kasm says `error_message`, often with HTTP 200; gateways say `error` or `message` with a status. The body is read before the status. */
function saidNo(answer: OutsideAnswer): string | null {
  const body = answer.json as Record<string, unknown> | undefined
  if (!body || typeof body !== 'object') return null
  const words = answer.status < 400 ? [body.error_message, body.error] : [body.error_message, body.error, body.message]
  return words.find((w): w is string => typeof w === 'string' && w !== '') ?? null
}

export function errorIn(answer: OutsideAnswer): OutsideError | null {
  const said = saidNo(answer)
  const meant = said ? meanings.find(([words]) => words.test(said)) : undefined
  const noKey = fail('The workspace server does not accept our key for this.', kasmCodes.unauthorized, false)
  if (said && (answer.status < 500 || meant?.[1] === kasmCodes.noResources)) {
    if (!meant && answer.status === 401) return noKey
    const [, code, retryable] = meant ?? [null, answer.status === 403 ? kasmCodes.unauthorized : 'refused', true]
    return fail(`The workspace server refused: ${shorten(said)}`, code, retryable)
  }
  if (answer.status === 401 || answer.status === 403) return noKey
  if (answer.status === 404) return fail('The workspace server does not know this call.', kasmCodes.notSupported, false)
  const status = `http-${answer.status}`
  if (answer.status >= 400) return fail(`The workspace server answered with HTTP ${answer.status}.`, status, true, answer.status >= 500)
  return null
}

/** The answer, or null when the thing asked for is not there. */
export async function ifThere<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (hasCode(error, kasmCodes.notFound)) return null
    throw error
  }
}

/**
 * A list, row by row: one that cannot be read (of a stranger, of another version) is left out and must not hide ours. A list of which no row can be
 * read is a bad answer.
 */
export const rowsOf = <T extends z.ZodType>(row: T, most: number) => z.array(z.unknown()).max(most).transform((all, context): Array<z.output<T>> => {
  const read = all.flatMap((one) => {
    const parsed = row.safeParse(one)
    return parsed.success ? [parsed.data] : []
  })
  if (all.length && !read.length) context.addIssue({ code: 'custom', message: 'No row can be read.' })
  return read
})

const starting: ReadonlySet<string> = new Set(['requested', 'provisioning', 'assigned', 'creating', 'pending'])
/** Words come in any case; one that we do not know is `unknown`, which proves nothing. */
export function statusOf(word: string): KasmStatus {
  const lower = word.toLowerCase()
  const known = (['starting', 'running', 'stopped', 'paused', 'deleting'] as const).find((s) => s === lower)
  return known ?? (starting.has(lower) ? 'starting' : 'unknown')
}

/** `2026-11-01 10:00:00[.ffffff]` is UTC without saying so; ISO is taken too. Null when it is no time. */
export function instantOf(text: string | null | undefined): Date | null {
  const [, day, time, fraction = '', zone] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/.exec(text ?? '') ?? []
  if (!day) return null
  const instant = new Date(`${day}T${time}${fraction.slice(0, 4)}${zone ?? 'Z'}`)
  return Number.isNaN(instant.getTime()) ? null : instant
}
