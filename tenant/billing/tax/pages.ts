/** What the customer's tax page shows. */
import type { Request, Response } from 'express'
import { page } from '../../../shared/http/page.js'
import type { Customer } from '../../customers/customer.js'
import { TaxExemption } from './exemption.js'
import { numberInWords } from './number-in-words.js'
import { TaxNumber } from './tax-number.js'

export async function taxPage(req: Request, res: Response, customer: Customer, { errors, input, status = 200 }: { errors?: object; input?: object; status?: number }): Promise<void> {
  const number = await TaxNumber.of(customer.id)
  const exemptions = await TaxExemption.query().where({ userId: customer.id }).orderBy('id', 'desc').limit(20)
  const data = {
    next: req.query['next'] === '/checkout' || (req.body as { next?: unknown } | undefined)?.next === '/checkout' ? '/checkout' : null, errors,
    input: input ?? { taxId: number?.number ?? customer.taxId },
    number: number && { ...numberInWords(number), checkedAt: number.checkedAt, holder: [number.holderName, number.holderAddress].filter(Boolean).join(', ') },
    exemptions: exemptions.map(({ reason, reference, status: state, validFrom, validUntil }) => ({ reason, reference, status: state, validFrom: state === 'approved' || state === 'ended' ? validFrom : null, validUntil })),
    mayAsk: !exemptions.some((row) => row.status === 'asked'),
  }
  page(req, res, 'tenant/tax/show', data, { title: 'Tax', status })
}
