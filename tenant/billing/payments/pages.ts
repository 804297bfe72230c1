/** What the templates of payments see. */
import type { Request, Response } from 'express'
import { OutsideError } from '../../../shared/errors.js'
import { page } from '../../../shared/http/page.js'
import { Money } from '../../../shared/money/money.js'
import { newPublicId } from '../../../shared/security/token.js'
import { clock } from '../../../shared/time/clock.js'
import type { Customer } from '../../customers/customer.js'
import { creditBalance } from '../credit/credit.js'
import type { Invoice } from '../invoices/invoice.js'
import { bankTransferOf } from '../transfers/bank-details.js'
import { AutoTopUp, chargedThisMonth } from './top-ups/auto-top-up.js'
import { firstOf, methodOptions, refusingNote, steppedNote } from './methods/ways-to-pay.js'
import { lastAttemptNo, openAttemptOf } from './claim-attempt.js'
import { GatewayAccount } from './gateways/gateway-account.js'
import { waysToAdd } from './methods/gateway-pages.js'
import { invoicesOf } from './mailer.js'
import { payableTogether } from './pay-all.js'
import { paymentsOfInvoice } from './payment-allocation.js'
import type { Payment } from './payment.js'
import { PaymentMethod } from './methods/payment-method.js'

export interface PayShown {
  errors?: Readonly<Record<string, string>>
  input?: Readonly<Record<string, unknown>>
  status?: number
}
/** `here`: address of the page. `setup`: where a new card is added. `done`: where a paid invoice is looked at; null for guests. */
interface PayPlace { here: string; setup: string; done: string | null; guest: boolean; card?: PaymentMethod | null }

/** Paying one invoice: choose a card, go to the bank, wait, or done. htmx asks again for the fragment while we wait. */
export async function payPage(req: Request, res: Response, customer: Customer, invoice: Invoice, shown: PayShown = {}): Promise<void> {
  const place = { here: `/invoices/${invoice.publicId}/payment`, setup: '/payment-methods/setup', done: `/invoices/${invoice.publicId}`, guest: false }
  page(req, res, 'tenant/payments/pay', await payData(customer, invoice, shown, place), { title: 'Pay invoice', fragment: 'tenant/payments/_pay', status: shown.status ?? 200 })
}

/** The same for whoever has the link from our letter. `card`: the one that they entered; saved methods are not theirs to see. */
export async function guestPayPage(req: Request, res: Response, customer: Customer, invoice: Invoice, token: string, card: PaymentMethod | null, shown: PayShown = {}): Promise<void> {
  const place = { here: `/pay/${token}`, setup: `/pay/${token}/setup`, done: null, guest: true, card }
  page(req, res, 'tenant/payments/pay-link', { ...(await payData(customer, invoice, shown, place)), seller: invoice.seller, issuedAt: invoice.issuedAt, dueAt: invoice.dueAt }, { title: `Pay invoice ${invoice.label}`, fragment: 'tenant/payments/_pay', status: shown.status ?? 200 })
}

async function payData(customer: Customer, invoice: Invoice, shown: PayShown, { card, ...place }: PayPlace): Promise<object> {
  const open = await openAttemptOf(invoice.id)
  const last = (await paymentsOfInvoice(invoice.id)).at(-1)?.payment
  const state = payState(invoice, open)
  const methods = (await methodOptions(customer, invoice.currency)).filter((way) => !place.guest || way.value === 'paypal' || way.value === card?.publicId)
  return {
    ...place, invoice: { label: invoice.label, balance: plain(invoice.balance), total: plain(invoice.total) }, state, due: state === 'due', paid: state === 'paid', checking: state === 'checking', needsBank: state === 'needs-bank', closed: state === 'closed',
    bankHref: open && state === 'needs-bank' ? await bankHref(open) : null, several: open !== null && open.invoiceId === null, failure: !open && last?.status === 'failed' && state === 'due' ? last.failureMessage : null,
    after: await lastAttemptNo(invoice.id), errors: shown.errors, methods, stepped: await steppedNote(invoice.balance), refuses: await refusingNote(customer.currency), chosen: shown.input?.['method'] ?? firstOf(methods), ...(await waysToAdd()), transfer: await bankTransferOf(invoice),
  }
}

const plain = (money: Money) => ({ minor: money.minor, currency: money.currency })


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

/** How one payment stands, for whoever came back from the bank: amount and numbers, nothing of the person. */
export async function payDonePage(req: Request, res: Response, payment: Payment): Promise<void> {
  const numbers = (await invoicesOf(payment)).map((i) => i.label).join(', ')
  const waits = payment.status === 'processing' || payment.status === 'unknown' || payment.status === 'pending'
  const data = { numbers, amount: plain(payment.amount), paid: payment.status === 'succeeded', checking: waits, needsBank: payment.status === 'requires_action', bankHref: payment.status === 'requires_action' ? await bankHref(payment) : null, failure: payment.failureMessage, here: req.path }
  page(req, res, 'tenant/payments/pay-done', data, { title: 'Your payment', fragment: 'tenant/payments/_pay-done' })
}

/** Several invoices with one charge. `chosen`: public ids that are ticked; all of them at first. */
export async function payAllPage(req: Request, res: Response, customer: Customer, chosen: readonly string[] | null, open: Payment | null, shown: PayShown = {}): Promise<void> {
  const invoices = await payableTogether(customer.id, customer.currency)
  const ticked = invoices.filter((i) => chosen === null || chosen.includes(i.publicId))
  const total = Money.sum(ticked.map((i) => i.balance), customer.currency)
  const methods = await methodOptions(customer, customer.currency)
  page(req, res, 'tenant/payments/pay-all', {
    rows: invoices.map((i) => ({ publicId: i.publicId, label: i.label, dueAt: i.dueAt, balance: plain(i.balance), ticked: ticked.includes(i), overdue: i.isOverdue(clock.now()) })), total: plain(total), methods, stepped: await steppedNote(total), refuses: await refusingNote(customer.currency), chosen: shown.input?.['method'] ?? firstOf(methods),
    formKey: newPublicId(), errors: shown.errors, ...(await waysToAdd()), setup: '/payment-methods/setup', here: '/pay-all', open: open && { amount: plain(open.amount), needsBank: open.status === 'requires_action', bankHref: open.status === 'requires_action' ? await bankHref(open) : null },
  }, { title: 'Pay all invoices', status: shown.status ?? 200 })
}

export async function autoTopUpPage(req: Request, res: Response, customer: Customer, shown: PayShown = {}): Promise<void> {
  const { currency } = customer
  const wish = await AutoTopUp.of(customer.id)
  const methods = (await PaymentMethod.activeOf(customer.id)).filter((m) => !m.hasExpired(clock.now()))
  const text = (minor: number | undefined): string => (minor === undefined ? '' : Money.of(minor, currency).toString())
  const of = (name: string, minor: number | undefined): unknown => shown.input?.[name] ?? text(minor)
  page(req, res, 'tenant/payments/auto-top-up', {
    on: wish?.enabled ?? false, stuck: Boolean(wish?.enabled && wish.dippedAt), currency, errors: shown.errors, balance: plain(await creditBalance(customer.id, currency)), spent: plain(Money.of(await chargedThisMonth(customer.id, currency, clock.now()), currency)),
    threshold: of('threshold', wish?.thresholdMinor), amount: of('amount', wish?.amountMinor), monthlyCap: of('monthlyCap', wish?.monthlyCapMinor),
    methods: methods.map((m) => ({ value: m.publicId, label: m.label })), chosen: shown.input?.['method'] ?? methods.find((m) => m.id === wish?.paymentMethodId)?.publicId ?? methods[0]?.publicId ?? '', ...(await waysToAdd()), setup: '/payment-methods/setup',
  }, { title: 'Automatic top-up', status: shown.status ?? 200 })
}
