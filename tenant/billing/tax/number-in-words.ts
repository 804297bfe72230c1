/** What customers read about their tax number: on their tax page and in the checkout. */
import type { Customer } from '../../customers/customer.js'
import { TaxExemption } from './exemption.js'
import { taxPlace } from './place.js'
import { TaxNumber } from './tax-number.js'
import { TaxRegistration } from './tax-registration.js'
import { treatmentOf } from './treatment.js'

const says: Readonly<Record<TaxNumber['status'], string>> = {
  pending: 'We have asked the European register. Until it answers, your invoices carry the normal tax.',
  valid: 'The European register has confirmed this number.',
  invalid: 'The European register does not know this number. Your invoices carry the normal tax. We ask again by ourselves.',
  unchecked: 'This number stands on your invoices. It does not change your tax.',
}
const labels: Readonly<Record<TaxNumber['status'], string>> = { pending: 'Being checked', valid: 'Confirmed', invalid: 'Not confirmed', unchecked: 'Noted' }
const tones: Readonly<Record<TaxNumber['status'], string>> = { pending: 'wait', valid: 'good', invalid: 'bad', unchecked: 'calm' }

export interface NumberInWords { number: string; text: string; label: string; tone: string }
export const numberInWords = ({ number, status }: Pick<TaxNumber, 'number' | 'status'>): NumberInWords => ({ number, text: says[status], label: labels[status], tone: tones[status] })

export interface TaxAdvice {
  /** What the customer gave so far, for the field. */
  readonly typed: string
  readonly number: NumberInWords | null
  /** An answer is on its way: the sums may still change. */
  readonly waiting: boolean
  /** What the answer would change. */
  readonly early: string | null
}

/** Null: the shop is registered nowhere, so nobody's number matters and none is asked for. */
export async function taxAdvice(customer: Customer, now: Date): Promise<TaxAdvice | null> {
  const registrations = await TaxRegistration.validAt(now)
  if (!registrations.length) return null
  const number = await TaxNumber.of(customer.id)
  const waiting = number?.status === 'pending'
  const place = taxPlace(customer.country, customer.region, customer.postcode)
  const exemption = waiting ? await TaxExemption.counting(customer.id, now, place?.country ?? '') : null
  const reverse = waiting && treatmentOf(registrations, { place, confirmedNumberOf: number.country, exemption: exemption?.wording ?? null }).treatment === 'reverse-charge'
  return {
    typed: number?.number ?? customer.taxId ?? '', number: number && numberInWords(number), waiting,
    early: reverse ? `As soon as ${number.number} is confirmed, no tax is added here: you account for it yourself (reverse charge). You may wait for the answer before you order.` : null,
  }
}
