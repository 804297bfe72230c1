/** Customers as the desk shows them. Everything here runs inside the tenant and gives plain data. */
import type objection from 'objection'
import type { Paged } from '../../../shared/database/paging.js'
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { Money } from '../../../shared/money/money.js'
import { newPublicId } from '../../../shared/security/token.js'
import { creditBalance, creditHistory } from '../../../tenant/billing/credit/credit.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { shownStatus } from '../../../tenant/billing/invoices/present-invoice.js'
import { Payment } from '../../../tenant/billing/payments/payment.js'
import { Subscription } from '../../../tenant/billing/subscriptions/subscription.js'
import { CustomerNote } from '../../../tenant/customers/customer-note.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { countryOptions, timeZoneOptions } from '../../../tenant/customers/places.js'
import { Service } from '../../../tenant/services/service.js'

export const sortable = { name: 'users.name', since: 'users.created_at', email: 'users.email' } as const
export const customerShows = { all: 'All', owing: 'Owing', disabled: 'Disabled' } as const
export type CustomerShow = keyof typeof customerShows
export interface ListWish { show: CustomerShow; text: string }

export function customersLike({ show, text }: ListWish): objection.QueryBuilder<Customer> {
  const found = Customer.query()
  if (show === 'disabled') void found.where('users.status', 'disabled')
  if (show === 'owing') void found.whereExists(Invoice.query().whereColumn('invoices.user_id', 'users.id').where('invoices.status', 'open'))
  if (text) {
    const like = `%${text.replace(/[%_\\]/g, '\\$&')}%`
    void found.where((q) => void q.where('users.email', 'like', like).orWhere('users.name', 'like', like).orWhere('users.company', 'like', like))
  }
  return found
}

const columns = [['name', 'Name', false], ['email', 'E-mail', false], ['since', 'Since', false]] as const

export async function listView(paged: Paged<Customer>, wish: ListWish, base: string): Promise<object> {
  const ids = paged.rows.map((c) => c.id)
  const services = (await Service.query().whereIn('userId', ids).whereIn('status', ['active', 'provisioning', 'suspended']).groupBy('userId').select('userId').count({ n: '*' })) as unknown as Array<{ userId: number; n: number }>
  const open = await Invoice.query().whereIn('userId', ids).where({ status: 'open' })
  const here = (part: Record<string, string>): string => {
    const query = new URLSearchParams({ ...(wish.show === 'all' ? {} : { show: wish.show }), ...(wish.text ? { q: wish.text } : {}), ...part }).toString()
    return `${base}/customers${query ? `?${query}` : ''}`
  }
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  return {
    ...wish, filtered: wish.show !== 'all' || wish.text !== '',
    rows: paged.rows.map((c) => ({
      publicId: c.publicId, name: c.company ?? c.name, person: c.company ? c.name : null, email: c.email, verified: c.isVerified, since: c.createdAt,
      disabled: c.status === 'disabled', services: Number(services.find((s) => s.userId === c.id)?.n ?? 0),
      open: Money.sum(open.filter((i) => i.userId === c.id && i.currency === c.currency).map((i) => i.balance), c.currency),
    })),
    chips: (Object.keys(customerShows) as CustomerShow[]).map((show) => ({
      href: `${base}/customers${show === 'all' ? '' : `?show=${show}`}`, label: customerShows[show], current: show === wish.show,
    })),
    heads: columns.map(([name, label, num]) => ({
      label, num, href: here({ sort: name === paged.sort && !paged.descending ? `-${name}` : name }), sorted: name !== paged.sort ? 'none' : paged.descending ? 'descending' : 'ascending',
    })),
    summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '',
    previousHref: paged.page > 1 ? here({ sort, page: String(paged.page - 1) }) : null,
    nextHref: paged.page < paged.pages ? here({ sort, page: String(paged.page + 1) }) : null,
  }
}

export async function detailView(customer: Customer, now: Date): Promise<object> {
  const { id: userId, currency } = customer
  const [services, subscriptions, invoices, payments, notes] = [
    await Service.query().where({ userId }).orderBy('id', 'desc').limit(20),
    await Subscription.query().where({ userId }).orderBy('id', 'desc').limit(20),
    await Invoice.query().where({ userId }).orderBy('id', 'desc').limit(10),
    await Payment.query().where({ userId }).orderBy('id', 'desc').limit(10),
    await CustomerNote.query().where({ userId }).orderBy('id', 'desc').limit(50),
  ]
  const plans = new Map((await tenantDb()('plans').whereIn('id', [...services, ...subscriptions].map((s) => s.planId)).select<Array<{ id: number; name: string }>>('id', 'name')).map((p) => [p.id, p.name]))
  return {
    publicId: customer.publicId, name: customer.company ?? customer.name, email: customer.email, disabled: customer.status === 'disabled',
    verified: customer.isVerified, formKey: newPublicId(), currency,
    facts: [
      { label: 'Name', value: customer.name }, { label: 'E-mail', value: customer.email }, { label: 'Company', value: customer.company },
      { label: 'Tax number', value: customer.taxId },
      { label: 'Address', value: [customer.addressLine1, customer.addressLine2, [customer.postcode, customer.city].filter(Boolean).join(' '), customer.region, customer.country].filter(Boolean).join(', ') },
      { label: 'Currency', value: currency }, { label: 'Time zone', value: customer.timeZone }, { label: 'Since', at: customer.createdAt },
      ...(customer.lastLoginAt ? [{ label: 'Last signed in', at: customer.lastLoginAt }] : []),
    ],
    credit: await creditBalance(userId, currency),
    moves: (await creditHistory(userId, currency, 10)).map((m) => ({
      at: m.occurredAt, text: m.description, amount: Money.of(m.amountMinor, currency), number: m.invoiceNumber,
    })),
    services: services.map((s) => ({ publicId: s.publicId, name: s.name, plan: plans.get(s.planId) ?? '', status: s.status })),
    subscriptions: subscriptions.map((s) => ({
      publicId: s.publicId, plan: plans.get(s.planId) ?? '', status: s.status, amount: Money.of(s.amountMinor, s.currency), cycle: s.billingCycle,
      until: s.currentPeriodEnd,
    })),
    invoices: invoices.map((i) => ({
      publicId: i.publicId, number: i.label, issuedAt: i.issuedAt, total: i.total, balance: i.balance, status: shownStatus(i, now),
    })),
    payments: payments.map((p) => ({ publicId: p.publicId, at: p.createdAt, amount: p.amount, status: p.status })),
    notes: notes.map((n) => ({ at: n.createdAt, author: n.author, lines: n.body.split(/\r?\n/) })),
  }
}

export function profileView(customer: Customer, locale: string): { publicId: string; title: string; input: object; countries: object[]; zones: object[] } {
  const { name, company, addressLine1, addressLine2, city, region, postcode, country, timeZone } = customer
  return {
    publicId: customer.publicId, title: company ?? name,
    input: { name, company, addressLine1, addressLine2, city, region, postcode, country, timeZone }, countries: countryOptions(locale),
    zones: timeZoneOptions(),
  }
}
