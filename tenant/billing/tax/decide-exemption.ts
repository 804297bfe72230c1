/** The life of an exemption: a customer asks, staff decide, dates and staff end it. Invoices already issued stay as they are. */
import { tenantTransaction } from '../../../shared/database/transaction.js'
import { Refusal, refuse } from '../../../shared/errors.js'
import { record } from '../../../shared/events/record.js'
import { newPublicId } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import { TaxExemption } from './exemption.js'

export interface Evidence {
  /** In the words of the invoice. */
  readonly reason: string
  readonly evidence: string
  readonly reference?: string | undefined
}
export interface Decision extends Evidence {
  readonly country?: string | undefined
  readonly validFrom: Date
  readonly validUntil?: Date | null | undefined
  /** Who decided, for the record. */
  readonly by: string
}

/** Throws Refusal while an earlier request waits for an answer. */
export async function askExemption(userId: number, wish: Evidence, now = clock.now()): Promise<TaxExemption> {
  return tenantTransaction(async (trx) => {
    await trx('users').where({ id: userId }).forUpdate().first('id')
    if (await TaxExemption.query().findOne({ userId, status: 'asked' })) throw new Refusal('exemption.asked', 'Your earlier request is still being looked at.')
    const asked = await TaxExemption.query().insertAndFetch({ publicId: newPublicId(), userId, country: '', ...wish, reference: wish.reference ?? null, status: 'asked', validFrom: now, validUntil: null })
    await record('tax-exemption.asked', asked, { reason: wish.reason }, { userId })
    return asked
  })
}

/** `asked`: the customer's request that this answers; without one it is staff's own. */
export async function approveExemption(userId: number, decision: Decision, asked: TaxExemption | null, now = clock.now()): Promise<void> {
  const { by, reason, evidence, reference, country, validFrom, validUntil } = decision
  const facts = { reason, evidence, reference: reference ?? null, country: country ?? '', validFrom, validUntil: validUntil ?? null, approvedBy: by, approvedAt: now }
  await tenantTransaction(async () => {
    if (asked) await asked.become('approved', facts)
    const row = asked ?? await TaxExemption.query().insertAndFetch({ publicId: newPublicId(), userId, status: 'approved', ...facts })
    await record('tax-exemption.approved', row, { by, reason, validFrom, validUntil: validUntil ?? null }, { userId })
  })
}

/** Throws Refusal when it was decided on already. */
export async function declineExemption(exemption: TaxExemption, by: string, now = clock.now()): Promise<void> {
  refuse(exemption.refusalToDecline())
  await tenantTransaction(async () => {
    await exemption.become('declined', { approvedBy: by, endedAt: now })
    await record('tax-exemption.declined', exemption, { by }, { userId: exemption.userId })
  })
}

/** From now on the customer pays tax again. Throws Refusal when it has ended already, or never began. */
export async function endExemption(exemption: TaxExemption, by: string, now = clock.now()): Promise<void> {
  refuse(exemption.refusalToEnd())
  await tenantTransaction(async () => {
    await exemption.become('ended', { endedAt: now })
    await record('tax-exemption.ended', exemption, { by }, { userId: exemption.userId })
  })
}
