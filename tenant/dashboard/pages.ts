/** What the account overview shows: services, what is due, this month, credit, and one next step. */
import { clock } from '../../shared/time/clock.js'
import { Money } from '../../shared/money/money.js'
import { formatDate, formatMoney } from '../../shared/views/format.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { payableTogether } from '../billing/payments/pay-all.js'
import { chargesAhead, type ChargeAhead } from '../billing/subscriptions/charges-ahead.js'
import { monthSoFar } from '../billing/usage/month-so-far.js'
import type { Customer } from '../customers/customer.js'
import { isReady, paymentState } from '../services/payment-readiness.js'
import { Service } from '../services/service.js'
import { nextStep, type Standing } from './next-step.js'

/** Most services, and most charges, listed here; the rest is one click away. */
const shown = 6
const shownCharges = 4

async function openInvoices(customer: Customer): Promise<Invoice[]> {
  return Invoice.query().where({ userId: customer.id, status: 'open' }).orderBy('dueAt').limit(50)
}

function dueFirst(invoices: readonly Invoice[], customer: Customer, now: Date) {
  const first = invoices.find((i) => i.balance.isPositive())
  if (!first) return null
  const date = first.dueAt ? formatDate(first.dueAt, customer.timeZone, customer.locale, 'date') : null
  return { publicId: first.publicId, amount: formatMoney(first.balance.minor, first.currency, customer.locale), date, overdue: first.isOverdue(now) }
}

async function payTogether(customer: Customer): Promise<Standing['together']> {
  const invoices = await payableTogether(customer.id, customer.currency)
  return invoices.length > 1 ? { amount: formatMoney(Money.sum(invoices.map((i) => i.balance), customer.currency).minor, customer.currency, customer.locale), invoices: invoices.length } : null
}

export async function overview(customer: Customer, now = clock.now()): Promise<object> {
  const services = await Service.query().where({ userId: customer.id }).whereNot('status', 'terminated').orderBy('createdAt', 'desc')
  const invoices = await openInvoices(customer)
  const state = await paymentState(customer.id, customer.currency)
  const month = await monthSoFar(customer.id, now)
  const due = dueFirst(invoices, customer, now)
  const failed = services.find((s) => s.status === 'failed')
  const canPay = isReady(state, Money.of(1, customer.currency))
  const ahead = await chargesAhead(customer.id, now, 3, { soFar: month, open: invoices })
  const coming = state.hasMethod ? undefined : ahead.find((c) => c.kind === 'renewal' && c.total.isPositive())
  const owed = invoices.filter((i) => i.currency === customer.currency).reduce((sum, i) => sum + i.balance.minor, 0)
  return {
    name: customer.name,
    step: nextStep({ verified: customer.isVerified, due, together: due && (await payTogether(customer)), services: services.length, failed: failed ? { publicId: failed.publicId, name: failed.name } : null, canPay, coming: coming ? asComing(coming, customer) : null }),
    services: services.slice(0, shown).map((s) => ({ name: s.name, status: s.status, href: `/services/${s.publicId}`, since: s.createdAt })),
    charges: ahead.slice(0, shownCharges).map((c) => ({ at: c.at, total: c.total, estimate: c.kind === 'estimate', what: c.parts.map((p) => p.label).join(', '), href: c.parts[0]?.href ?? null })),
    more: Math.max(0, services.length - shown),
    owed: formatMoney(owed, customer.currency, customer.locale), openInvoices: invoices.length,
    credit: formatMoney(state.credit.minor, customer.currency, customer.locale),
    month: formatMoney(month.amount.minor, customer.currency, customer.locale),
  }
}

const asComing = (charge: ChargeAhead, { timeZone, locale }: Customer): { amount: string; date: string } =>
  ({ amount: formatMoney(charge.total.minor, charge.total.currency, locale), date: formatDate(charge.at, timeZone, locale) })
