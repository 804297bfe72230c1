/** What the customer's tax page shows. */
import type { Request, Response } from 'express'
import { page } from '../../../shared/http/page.js'
import type { Customer } from '../../customers/customer.js'
import { TaxExemption } from './exemption.js'
import { TaxNumber } from './tax-number.js'

const says: Readonly<Record<TaxNumber['status'], string>> = {
  pending: 'We have asked the European register. Until it answers, your invoices carry the normal tax.',
  valid: 'The European register has confirmed this number.',
  invalid: 'The European register does not know this number. Your invoices carry the normal tax. We ask again by ourselves.',
  unchecked: 'This number stands on your invoices. It does not change your tax.',
}
const labels: Readonly<Record<TaxNumber['status'], string>> = { pending: 'Being checked', valid: 'Confirmed', invalid: 'Not confirmed', unchecked: 'Noted' }
const tones: Readonly<Record<TaxNumber['status'], string>> = { pending: 'wait', valid: 'good', invalid: 'bad', unchecked: 'calm' }

export async function taxPage(req: Request, res: Response, customer: Customer, { errors, input, status = 200 }: { errors?: object; input?: object; status?: number }): Promise<void> {
  const number = await TaxNumber.of(customer.id)
  const exemptions = await TaxExemption.query().where({ userId: customer.id }).orderBy('id', 'desc').limit(20)
  const data = {
    next: req.query['next'] === '/checkout' || (req.body as { next?: unknown } | undefined)?.next === '/checkout' ? '/checkout' : null, errors,
    input: input ?? { taxId: number?.number ?? customer.taxId },
    number: number && { number: number.number, text: says[number.status], label: labels[number.status], tone: tones[number.status], checkedAt: number.checkedAt, holder: [number.holderName, number.holderAddress].filter(Boolean).join(', ') },
    exemptions: exemptions.map(({ reason, reference, status: state, validFrom, validUntil }) => ({ reason, reference, status: state, validFrom: state === 'approved' || state === 'ended' ? validFrom : null, validUntil })),
    mayAsk: !exemptions.some((row) => row.status === 'asked'),
  }
  page(req, res, 'tenant/tax/show', data, { title: 'Tax', status })
}
