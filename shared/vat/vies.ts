/**
 * Door to VIES, the European Commission's check of VAT numbers (REST, https://ec.europa.eu/taxation_customs/vies/). It asks the member state's own register,
 * which is often away: every answer but yes and no is an OutsideError that may be retried. Asking changes nothing, so it may be repeated at will.
 * With the shop's own number as requester the answer carries a consultation id, which is the proof an auditor accepts.
 */
import { z } from 'zod'
import { config } from '../config.js'
import { OutsideError } from '../errors.js'
import { callOutside } from '../outside/client.js'
import type { VatNumber } from './vat-number.js'

export interface ViesAnswer {
  readonly valid: boolean
  /** Consultation id; null without a requester. */
  readonly requestId: string | null
  /** Null where the member state tells nothing. */
  readonly holderName: string | null
  readonly holderAddress: string | null
}

const said = z.string().nullish().transform((text) => (!text || /^-*$/.test(text.trim()) ? null : text.trim().replace(/\s*\n\s*/g, ', ')))
const answer = z.object({ valid: z.boolean(), requestIdentifier: said, name: said, address: said })
const trouble = z.object({ errorWrappers: z.array(z.object({ error: z.string() })).min(1) })

/** Throws OutsideError with VIES' code (`MS_UNAVAILABLE`, `TIMEOUT`, …; `INVALID_REQUESTER_INFO` when it does not take our own number). */
export async function askVies(number: Pick<VatNumber, 'number'>, requester: string | null = null, timeoutMs = 20_000): Promise<ViesAnswer> {
  const body = { ...split(number.number, ['countryCode', 'vatNumber']), ...(requester ? split(requester, ['requesterMemberStateCode', 'requesterNumber']) : {}) }
  const { status, json } = await callOutside({ door: 'vies', method: 'POST', url: `${config().VIES_API_BASE}/check-vat-number`, body, timeoutMs, maxBytes: 100_000 })
  const read = answer.safeParse(json)
  if (status === 200 && read.success) return { valid: read.data.valid, requestId: read.data.requestIdentifier, holderName: read.data.name, holderAddress: read.data.address }
  const code = trouble.safeParse(json).data?.errorWrappers[0]?.error ?? `HTTP_${status}`
  // Its rules of form are stricter than ours: what it cannot read is no number.
  if (code === 'INVALID_INPUT') return { valid: false, requestId: null, holderName: null, holderAddress: null }
  throw new OutsideError(`VIES did not check the number (${code.slice(0, 60)}).`, { door: 'vies', retryable: true, code: code.slice(0, 60) })
}

const split = (number: string, [prefix, rest]: readonly [string, string]): Record<string, string> => ({ [prefix]: number.slice(0, 2), [rest]: number.slice(2) })
