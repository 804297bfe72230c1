/**
 * Asks VIES about one number: claim → ask → settle. `next_check_at` is the claim: whoever moves it asks. No answer changes nothing but the time of the next
 * try; a number that was valid stays so until VIES says no. Every question is kept as proof.
 */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { OutsideError } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { clock } from '../../../shared/time/clock.js'
import { askVies, type ViesAnswer } from '../../../shared/vat/vies.js'
import { isMemberState } from './eu.js'
import { TaxNumber, TaxNumberCheck } from './tax-number.js'
import { TaxRegistration } from './tax-registration.js'

const minute = 60_000
/** A confirmed or refused number is asked about again after so long. */
export const recheckMs = 30 * 86_400_000
/** Wait after the n-th question without an answer: 5, 10, 20 … minutes, at most 12 hours. */
export const waitMs = (attempts: number): number => Math.min(5 * minute * 2 ** Math.max(0, attempts - 1), 12 * 60 * minute)
/** So long a question may be under way before another worker may ask. */
const claimMs = 10 * minute

type Outcome = { readonly answer: ViesAnswer } | { readonly error: string }

export async function askAbout(userId: number, now = clock.now()): Promise<void> {
  const number = await TaxNumber.of(userId)
  if (!number?.nextCheckAt || number.nextCheckAt > now) return
  const claimed = await TaxNumber.query().patch({ nextCheckAt: new Date(now.getTime() + claimMs) })
    .where({ id: number.id, nextCheckAt: number.nextCheckAt, number: number.number })
  if (!claimed) return
  const requester = await ownNumber(now)
  const outcome = await ask(number, requester)
  await tenantTransaction(() => settle(number, outcome, requester, now))
}

async function ask(number: TaxNumber, requester: string | null): Promise<Outcome> {
  try {
    return { answer: await askVies(number, requester) }
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    // It does not take the shop's own number: better an answer without a consultation id than none.
    return requester && error.code === 'INVALID_REQUESTER_INFO' ? ask(number, null) : { error: error.code ?? 'no-answer' }
  }
}

async function settle(asked: TaxNumber, outcome: Outcome, requester: string | null, now: Date): Promise<void> {
  const { userId, country, number } = asked
  const answer = 'answer' in outcome ? outcome.answer : null
  const proof = await TaxNumberCheck.query().insertAndFetch({
    userId, country, number, outcome: answer ? (answer.valid ? 'valid' : 'invalid') : 'no-answer',
    error: 'error' in outcome ? outcome.error.slice(0, 64) : null, requestId: answer?.requestId?.slice(0, 64) ?? null,
    requester: answer?.requestId ? requester : null, holderName: answer?.holderName?.slice(0, 255) ?? null,
    holderAddress: answer?.holderAddress?.slice(0, 500) ?? null, askedAt: now, answeredAt: answer ? now : null,
  })
  const current = await TaxNumber.query().findOne({ userId }).forUpdate()
  if (current?.number !== number) return
  if (!answer) return void await current.$query()
    .patch({ attempts: current.attempts + 1, nextCheckAt: new Date(now.getTime() + waitMs(current.attempts + 1)) })
  const before = current.status
  await current.$query().patch({
    status: answer.valid ? 'valid' : 'invalid', attempts: 0, checkedAt: now, nextCheckAt: new Date(now.getTime() + recheckMs), proofId: proof.id,
    holderName: proof.holderName, holderAddress: proof.holderAddress,
    validSince: answer.valid ? current.validSince ?? now : null,
  })
  if (before !== current.status) await record(answer.valid ? 'tax-number.confirmed' : 'tax-number.refused', { type: 'users', id: userId }, { number, before }, { userId })
}

/** The shop's number, with which it asks: that of its European registration. */
async function ownNumber(now: Date): Promise<string | null> {
  const tidy = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]/g, '')
  const own = (await TaxRegistration.validAt(now))
    .find((registration) => registration.kind !== 'oss' && isMemberState(registration.country) && /^[A-Z]{2}/.test(tidy(registration.number)))
  return own ? tidy(own.number) : null
}

/** Customers whose number is due. */
export async function numbersDue(now: Date): Promise<number[]> {
  return (await TaxNumber.query().whereNotNull('nextCheckAt').where('nextCheckAt', '<=', now).orderBy('nextCheckAt').limit(200).select('userId'))
    .map((row) => row.userId)
}
