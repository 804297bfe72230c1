/** How "Test connection" reads what calls that cannot succeed answered; shared by both forms. */
import { OutsideError } from '../../../shared/errors.js'
import { kasmCodes } from './kasm-api.js'
import type { ProbedCall, ProbeReport } from './probe-report.js'

/** A call that we want to be permitted; `without` says what is lost when it is not. */
export interface Wanted { readonly call: string; readonly permission: string; readonly needed: boolean; readonly without: string }

/** What came of asking: `answered` also when it said that there is no such thing. */
export interface Outcome { readonly answered: boolean; readonly error: OutsideError | null; readonly body: unknown; readonly ms: number }

export async function outcomeOf(ask: () => Promise<unknown>): Promise<Outcome> {
  const began = performance.now()
  const since = () => Math.round(performance.now() - began)
  try {
    return { answered: true, error: null, body: await ask(), ms: since() }
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return { answered: !silent.has(error.code ?? ''), error, body: null, ms: since() }
  }
}
const silent: ReadonlySet<string> = new Set(['unreachable', 'no-answer', 'rate-limited', 'private-address'])
const unclear = (error: OutsideError): boolean => error.unknown || silent.has(error.code ?? '')

export function judge(want: Wanted, { error }: Outcome): ProbedCall {
  const { call, permission, needed, without } = want
  const line = (ok: boolean | null, why: string): ProbedCall => ({ call, permission, needed, ok, why })
  if (!error) return line(true, 'Permitted.')
  if (error.code === kasmCodes.unauthorized) return line(false, `The key lacks "${permission}". ${without}`)
  if (error.code === kasmCodes.notSupported) return line(false, `The server does not know this call. ${without}`)
  return unclear(error) ? line(null, `Could not be told: ${error.message}`) : line(true, 'Permitted.')
}

export const countOf = (outcome: Outcome | undefined, list: string): number | null => {
  const found = (outcome?.body as Record<string, unknown> | null | undefined)?.[list]
  return Array.isArray(found) ? found.length : null
}
/** A proxy's page instead of an answer is no call either. */
export const exists = ({ error }: Outcome): boolean => !error || (error.code !== kasmCodes.notSupported && !unclear(error))

export function problemIn(outcomes: readonly Outcome[], lines: readonly ProbedCall[]): ProbeReport['problem'] {
  const first = outcomes[0]!.error
  if (!outcomes.some((o) => o.answered)) return { code: first?.code ?? 'no-answer', message: first?.message ?? 'The server does not answer.' }
  const all = (...codes: string[]): boolean => outcomes.every((o) => codes.includes(o.error?.code ?? ''))
  if (all(kasmCodes.unauthorized)) return { code: kasmCodes.unauthorized, message: 'The key and secret are not accepted, or the key has no permission at all.' }
  if (all(kasmCodes.notSupported, kasmCodes.badAnswer)) return { code: kasmCodes.notSupported, message: 'This is no workspace server: it knows none of the calls.' }
  const missing = lines.filter((l) => l.needed && l.ok === false)
  const names = [...new Set(missing.map((l) => l.permission))].join(', ')
  return missing.length ? { code: 'missing-permissions', message: `Needed and not there: ${names}.` } : null
}
