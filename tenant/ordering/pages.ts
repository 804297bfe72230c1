/** What the order page shows: choices, what it will cost, and whether it can be ordered. */
import type { Money } from '../../shared/money/money.js'
import { amountOf, type Rate } from '../../shared/money/rate.js'
import { newPublicId } from '../../shared/security/token.js'
import { formatMoney } from '../../shared/views/format.js'
import type { Plan } from '../catalog/plan.js'
import type { Customer } from '../customers/customer.js'
import { Template } from '../kasm/templates/template.js'
import { leastOrderCredit, paymentState, refusalToOrder } from '../services/payment-readiness.js'

export interface OrderPage {
  plan: { slug: string; name: string; description: string; version: number; size: string; rate: Rate }
  templates: Array<{ value: string; label: string; text: string; icon: string }>
  estimates: Array<{ label: string; text: string; amount: Money }>
  payment: { ready: boolean; hasMethod: boolean; credit: Money; least: string }
  input: Record<string, unknown>
  errors: Readonly<Record<string, string>> | null
}
const HOUR = 3600

export async function orderPage(customer: Customer, plan: Plan, input: Readonly<Record<string, unknown>> = {}, errors: Readonly<Record<string, string>> | null = null): Promise<OrderPage> {
  const templates = await Template.offeredFor(plan)
  const state = await paymentState(customer.id, plan.currency)
  const least = leastOrderCredit(plan.currency)
  return {
    plan: { slug: plan.slug, name: plan.name, description: plan.description, version: plan.version, size: `${plan.vcpu} vCPU · ${(plan.ramMb ?? 0) / 1024} GB RAM`, rate: plan.rate },
    templates: templates.map((t) => ({ value: String(t.id), label: t.name, text: [t.description, t.preinstalledApps.length ? `With ${t.preinstalledApps.join(', ')}.` : ''].filter(Boolean).join(' '), icon: plan.family === 'business' ? 'device-desktop' : 'code' })),
    estimates: estimatesOf(plan),
    payment: { ready: refusalToOrder(state) === null, hasMethod: state.hasMethod, credit: state.credit, least: formatMoney(least.minor, least.currency, customer.locale) },
    input: { checkout_key: newPublicId(), template: templates[0] ? String(templates[0].id) : '', name: plan.name, ...input }, errors,
  }
}

function estimatesOf(plan: Plan): OrderPage['estimates'] {
  return [
    { label: 'A quarter hour', text: 'the smallest step', amount: amountOf(plan.rate, HOUR / 4) },
    { label: 'A working day', text: '8 hours', amount: amountOf(plan.rate, 8 * HOUR) },
    { label: 'A working month', text: '40 hours a week', amount: plan.workingMonth },
    { label: 'A whole month', text: 'if you never stop it', amount: amountOf(plan.rate, 730 * HOUR) },
  ]
}
