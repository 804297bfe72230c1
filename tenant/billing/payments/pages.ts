/** What the templates of payments see. */
import type { Request, Response } from 'express'
import { OutsideError } from '../../../shared/errors.js'
import { page } from '../../../shared/http/page.js'
import { safePath } from '../../../shared/http/request.js'
import { clock } from '../../../shared/time/clock.js'
import type { Customer } from '../../customers/customer.js'
import type { Invoice } from '../invoices/invoice.js'
import { lastAttemptNo, openAttemptOf } from './claim-attempt.js'
import { GatewayAccount } from './gateway-account.js'
import { Payment } from './payment.js'
import { PaymentMethod } from './payment-method.js'

export interface PayShown {
  errors?: Readonly<Record<string, string>>
  input?: Readonly<Record<string, unknown>>
  status?: number
}

/** Paying one invoice: choose a card, go to the bank, wait, or done. htmx asks again for the fragment while we wait. */
export async function payPage(req: Request, res: Response, customer: Customer, invoice: Invoice, shown: PayShown = {}): Promise<void> {
  const now = clock.now()
  const open = await openAttemptOf(invoice.id)
  const last = await Payment.query().where({ invoiceId: invoice.id }).orderBy('id', 'desc').first()
  const methods = await PaymentMethod.activeOf(customer.id)
  const state = payState(invoice, open)
  const payData = {
    invoice: { publicId: invoice.publicId, number: invoice.number, status: invoice.status, balance: { minor: invoice.balance.minor, currency: invoice.currency }, total: { minor: invoice.totalMinor, currency: invoice.currency } },
    state, due: state === 'due', paid: state === 'paid', checking: state === 'checking', needsBank: state === 'needs-bank', closed: state === 'closed', bankHref: open && state === 'needs-bank' ? await bankHref(open) : null,
    failure: !open && last?.status === 'failed' && state === 'due' ? last.failureMessage : null, after: await lastAttemptNo(invoice.id), errors: shown.errors,
    methods: methods.map((m) => ({ value: m.publicId, label: m.label, text: methodNote(m, now), icon: 'credit-card', disabled: m.hasExpired(now) })), chosen: shown.input?.['method'] ?? methods[0]?.publicId ?? '',
    addNext: safePath(`/invoices/${invoice.publicId}/payment`),
  }
  page(req, res, 'tenant/payments/pay', payData, { title: 'Pay invoice', fragment: 'tenant/payments/_pay', status: shown.status ?? 200 })
}

const methodNote = (m: PaymentMethod, now: Date): string => (m.hasExpired(now) ? 'Expired' : m.isDefault ? 'Your default' : '')

function payState(invoice: Invoice, open: Payment | null): 'due' | 'paid' | 'checking' | 'needs-bank' | 'closed' {
  if (invoice.status === 'paid') return 'paid'
  if (open) return open.status === 'requires_action' ? 'needs-bank' : 'checking'
  return invoice.refusalToPay() ? 'closed' : 'due'
}

/** Asked from the gateway each time: it may expire, and it is nothing we should keep. Null when it does not answer now. */
async function bankHref(payment: Payment): Promise<string | null> {
  if (payment.gatewayPaymentId === null) return null
  const account = await GatewayAccount.findOwned({ id: payment.gatewayAccountId })
  try {
    return (await account.open().retrievePayment(payment.gatewayPaymentId)).actionUrl
  } catch (error) {
    if (error instanceof OutsideError) return null
    throw error
  }
}
