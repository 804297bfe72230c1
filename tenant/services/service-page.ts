/** What the page of a service shows that staff has set up: its state, how it is reached, what it costs and when. */
import { Money } from '../../shared/money/money.js'
import { statusFacts } from '../../shared/views/status.js'
import { InvoiceLine } from '../billing/invoices/invoice-line.js'
import { Invoice } from '../billing/invoices/invoice.js'
import { Subscription } from '../billing/subscriptions/subscription.js'
import { cycleUnits } from '../catalog/cycle.js'
import { Plan } from '../catalog/plan.js'
import { typeFacts } from './manual-driver.js'
import { detailsOf } from './service-detail.js'
import type { Service } from './service.js'

export interface PaidFor {
  title: string
  options: string[]
  quantity: number
  price: Money
  per: string
  status: string
  href: string
  /** When it is charged next, or ends. */
  next: { label: string; at: Date } | null
}
export interface ServicePage {
  href: string
  publicId: string
  name: string
  type: string
  icon: string
  state: string
  message: string | null
  tone: 'info' | 'warn' | 'bad'
  /** Secrets are not among them until they are asked for. */
  details: Array<{ label: string; value: string | null; secret: boolean }>
  hasSecrets: boolean
  revealed: boolean
  subscription: PaidFor | null
  addons: PaidFor[]
  invoices: Array<{ href: string; label: string; issuedAt: Date | null; total: Money; status: string }>
  steps: Array<{ label: string; text?: string; at?: Date; state: string }>
  errors: Readonly<Record<string, string>> | null
}
const shownInvoices = 10

export interface Shown { revealed?: Array<{ label: string; value: string; secret: boolean }>; errors?: Readonly<Record<string, string>> }
export async function servicePage(service: Service, now: Date, { revealed, errors }: Shown = {}): Promise<ServicePage> {
  const details = revealed ?? (await detailsOf(service.id)).map((d) => ({ label: d.label, value: d.isSecret ? null : d.value, secret: d.isSecret }))
  const subscriptions = await Subscription.query().where({ serviceId: service.id }).orderBy('id')
  const paid = await Promise.all(subscriptions.filter((s) => !s.isOver || s.id === service.subscriptionId).map(async (s) => ({ id: s.id, shown: await paidFor(s) })))
  const { name: type, icon } = typeFacts(service.serviceType)
  return {
    href: `/services/${service.publicId}`, publicId: service.publicId, name: service.name, type, icon, state: service.status, ...messageOf(service), details, hasSecrets: details.some((d) => d.secret), revealed: revealed !== undefined,
    subscription: paid.find((p) => p.id === service.subscriptionId)?.shown ?? null, addons: paid.filter((p) => p.id !== service.subscriptionId).map((p) => p.shown),
    invoices: await invoicesOf(service, now), steps: stepsOf(service), errors: errors ?? null,
  }
}

function messageOf(service: Service): Pick<ServicePage, 'message' | 'tone'> {
  const refusal = service.refusalToUse()
  if (refusal) return { message: refusal.message, tone: 'warn' }
  if (service.status === 'failed') return { message: 'This could not be set up. We are told and look at it.', tone: 'bad' }
  return { message: null, tone: 'info' }
}

async function paidFor(subscription: Subscription): Promise<PaidFor> {
  const plan = await Plan.query().findById(subscription.planId)
  return {
    title: plan?.name ?? 'Plan', options: subscription.items.filter((i) => i.kind === 'option').map((i) => (i.quantity > 1 ? `${i.label} × ${i.quantity}` : i.label)), quantity: subscription.quantity, price: subscription.amount,
    per: cycleUnits[subscription.billingCycle], status: statusFacts(subscription.status).word, href: `/subscriptions/${subscription.publicId}`, next: nextOf(subscription),
  }
}

function nextOf(subscription: Subscription): PaidFor['next'] {
  if (subscription.isOver) return subscription.endedAt && { label: 'Ended', at: subscription.endedAt }
  if (subscription.cancelAt) return { label: 'Ends', at: subscription.cancelAt }
  if (subscription.status === 'trialing' && subscription.trialEnd) return { label: 'Free until', at: subscription.trialEnd }
  return subscription.isLive && subscription.renews && subscription.currentPeriodEnd ? { label: 'Renews', at: subscription.currentPeriodEnd } : null
}

async function invoicesOf(service: Service, now: Date): Promise<ServicePage['invoices']> {
  const ids = (await InvoiceLine.query().where({ serviceId: service.id }).distinct('invoiceId')).map((line) => line.invoiceId)
  const invoices = await Invoice.query().whereIn('id', ids).whereNot('status', 'draft').orderBy('id', 'desc').limit(shownInvoices)
  return invoices.map((i) => ({ href: `/invoices/${i.publicId}`, label: i.label, issuedAt: i.issuedAt, total: i.total, status: i.isOverdue(now) ? 'overdue' : i.status }))
}

/** The way until it is ready; afterwards nobody needs it. */
function stepsOf(service: Service): ServicePage['steps'] {
  if (service.status !== 'pending' && service.status !== 'provisioning') return []
  const paid = service.status === 'provisioning'
  return [
    { label: 'Ordered', at: service.createdAt, state: 'done' }, { label: 'Paid', state: paid ? 'done' : 'current', ...(paid ? {} : { text: 'We begin as soon as the invoice is paid.' }) },
    { label: 'Set up by our team', state: paid ? 'current' : 'waiting', ...(paid ? { text: 'We write to you when it is ready.' } : {}) }, { label: 'Ready', state: 'waiting' },
  ]
}
