/** What the lines of a subscription call it: the plan, the customer's own name of the service, and where its revenue belongs. */
import { tenantDb } from '../../../shared/database/tenant-database.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import type { Span } from '../../../shared/time/period.js'
import { formatDate } from '../../../shared/views/format.js'
import { Plan } from '../../catalog/plan.js'
import { Product } from '../../catalog/product.js'
import type { LineDetail } from '../invoices/invoice-line.js'
import type { NewLine } from '../invoices/draft-invoice.js'
import type { Subscription } from './subscription.js'
import type { Terms } from './subscription-change.js'

export interface LineNames {
  readonly planName: string
  readonly serviceName: string | null
  readonly serviceType: string
  readonly taxClass: string
  /** Of the customer: how days are written. */
  readonly locale: string
}

/** `service` is named when its row is not there yet. */
export async function namesOf(subscription: Pick<Subscription, 'serviceId' | 'userId'>, planId: number): Promise<LineNames> {
  const plan = await Plan.findOwned<Plan>({ id: planId })
  const product = plan.productId === null ? undefined : await Product.query().findById(plan.productId)
  const service = subscription.serviceId === null ? undefined : await tenantDb()('services').where({ id: subscription.serviceId }).first<{ name: string } | undefined>('name')
  const user = await tenantDb()('users').where({ id: subscription.userId }).first<{ locale: string } | undefined>('locale')
  return { planName: plan.name, serviceName: service?.name ?? null, serviceType: plan.serviceType, taxClass: product?.taxClass ?? 'standard', locale: user?.locale ?? currentTenant().locale }
}

/** `VPS S “web-1”`. */
export const calledBy = (names: LineNames): string => (names.serviceName ? `${names.planName} "${names.serviceName}"` : names.planName)

/** `Nov 10, 2026 – Dec 9, 2026`: the last day is the one before the next period's first. */
export function spanText(span: Span, timeZone: string, locale: string): string {
  return `${formatDate(span.start, timeZone, locale)} – ${formatDate(new Date(span.end.getTime() - 1), timeZone, locale)}`
}

/** What every line of a subscription carries. */
export function lineOf(subscription: Subscription, terms: Terms, names: LineNames, line: Pick<NewLine, 'businessKey' | 'kind' | 'description' | 'amountMinor'> & { period?: Span | null; detail?: LineDetail }): NewLine {
  const detail: LineDetail = { serviceType: names.serviceType, planName: names.planName, ...(names.serviceName ? { serviceName: names.serviceName } : {}), priceVersion: terms.planVersion, ...line.detail }
  return { ...line, subscriptionId: subscription.id, serviceId: subscription.serviceId, planId: terms.planId, productId: terms.productId, quantity: terms.quantity, taxClass: names.taxClass, detail }
}

/** The line of one whole period. */
export function recurringLine(subscription: Subscription, terms: Terms, names: LineNames, period: Span): NewLine {
  return lineOf(subscription, terms, names, {
    businessKey: recurringKey(subscription.id, period.start), kind: 'recurring', amountMinor: terms.amountMinor, period, detail: { items: terms.items },
    description: `${calledBy(names)}: ${spanText(period, subscription.timeZone, names.locale)}`,
  })
}

export const recurringKey = (subscriptionId: number, start: Date): string => `sub:${subscriptionId}:recurring:${start.toISOString()}`
