/** What the order page of a workspace shows: choices, where, what it will cost, and whether it can be ordered. */
import type { Money } from '../../shared/money/money.js'
import type { Rate } from '../../shared/money/rate.js'
import { newPublicId } from '../../shared/security/token.js'
import type { ProviderConnection } from '../../shared/tenancy/directory.js'
import { clock } from '../../shared/time/clock.js'
import { formatMoney, formatRate } from '../../shared/views/format.js'
import { Plan } from '../catalog/plan.js'
import type { Customer } from '../customers/customer.js'
import { limitsOf, refusalToOrder as refusalByLimits } from '../kasm/limits/ask-limits.js'
import { refusalByType } from '../kasm/limits/limits.js'
import { connections } from '../kasm/provider/connection.js'
import { Template } from '../kasm/templates/template.js'
import { leastOrderCredit, paymentState, refusalToOrder } from '../services/payment-readiness.js'
import { ownEstimate, usualEstimates, usualHabit, type Estimate, type WorkHabit } from './workspace-estimate.js'
import { regionName, regionsOf, stateOf, type PlaceState } from './workspace-place.js'

export interface OrderPage {
  plan: { slug: string; name: string; description: string; version: number; size: string; rate: Rate }
  /** Every type of the shop, as links. */
  types: Array<{ href: string; name: string; size: string; price: string; icon: string; current: boolean; note: string }>
  templates: Array<{ value: string; label: string; text: string; icon: string }>
  /** Empty: nobody is asked. */
  regions: Array<{ value: string; label: string; text: string; icon: string; disabled: boolean }>
  /** What is wrong with all servers together; null: nothing. */
  trouble: { tone: 'warn' | 'bad'; title: string; text: string } | null
  estimates: Estimate[]
  own: { href: string; day: Money; month: Money; hours: string; input: { hours: string; days: string }; errors: Readonly<Record<string, string>> | null }
  payment: { ready: boolean; hasMethod: boolean; credit: Money; least: string }
  /** Why this customer may not have one more; null: they may. */
  limit: string | null
  canOrder: boolean
  input: Record<string, unknown>
  errors: Readonly<Record<string, string>> | null
}
export interface Shown { readonly input?: Readonly<Record<string, unknown>>; readonly errors?: Readonly<Record<string, string>> | null; readonly habit?: WorkHabit }

export async function orderPage(customer: Customer, plan: Plan, { input = {}, errors = null, habit = habitOf(input) }: Shown = {}): Promise<OrderPage> {
  const [offered, servers, state, limit] = await Promise.all([Template.offeredFor(plan), connections(), paymentState(customer.id, plan.currency), refusalByLimits(customer.id, plan, clock.now())])
  const templates = offered.filter((t) => servers.length === 0 || servers.some((s) => t.isOfferedOn(s.id)))
  const trouble = troubleOf(servers)
  const least = leastOrderCredit(plan.currency)
  const ready = refusalToOrder(state) === null
  const regions = regionChoices(servers)
  return {
    plan: { slug: plan.slug, name: plan.name, description: plan.description, version: plan.version, size: sizeOf(plan), rate: plan.rate }, types: await typesOf(customer, plan), templates: templates.map(cardOf), regions, trouble,
    estimates: usualEstimates(plan.rate), own: ownPart(plan, habit, errors, errors?.['hours'] || errors?.['days'] ? { hours: String(input['hours'] ?? ''), days: String(input['days'] ?? '') } : undefined), limit: limit?.message ?? null, canOrder: ready && !limit && trouble?.tone !== 'bad',
    payment: { ready, hasMethod: state.hasMethod, credit: state.credit, least: formatMoney(least.minor, least.currency, customer.locale) },
    input: { checkout_key: newPublicId(), template: templates[0] ? String(templates[0].id) : '', name: plan.name, region: regions.find((r) => !r.disabled)?.value ?? '', ...input }, errors,
  }
}

const sizeOf = (plan: Plan): string => `${plan.vcpu} vCPU · ${(plan.ramMb ?? 0) / 1024} GB RAM`
const cardOf = (t: Template) => ({ value: String(t.id), label: t.label, icon: t.symbol, text: [t.text, t.preinstalledApps.length ? `With ${t.preinstalledApps.join(', ')}.` : ''].filter(Boolean).join(' ') })

async function typesOf(customer: Customer, plan: Plan): Promise<OrderPage['types']> {
  const [plans, limits] = await Promise.all([Plan.offered(), limitsOf(customer.id)])
  return plans.filter((p) => p.currency === plan.currency).map((p) => ({
    href: `/order/${p.slug}`, name: p.name, size: sizeOf(p), price: formatRate(p.rate, customer.locale), icon: p.family === 'business' ? 'device-desktop' : 'code', current: p.id === plan.id,
    note: refusalByType(limits, p.kasmWorkspaceType ?? p.slug) ? 'Not for your account' : '',
  }))
}

const words: Record<PlaceState, string> = { open: 'Ready', full: 'Sold out at the moment', failing: 'Its servers do not answer just now: your workspace is set up as soon as they do' }

function regionChoices(servers: readonly ProviderConnection[]): OrderPage['regions'] {
  return regionsOf(servers).map((region) => {
    const state = stateOf(servers, region)
    return { value: region, label: regionName(region), text: words[state], icon: 'map-pin', disabled: state === 'full' }
  })
}

/** Said before anybody fills in a form. Only a sold out shop stops the order: servers that do not answer will again, and the order waits for them. */
function troubleOf(servers: readonly ProviderConnection[]): OrderPage['trouble'] {
  if (servers.length === 0) return { tone: 'bad', title: 'Workspaces cannot be ordered at the moment', text: 'No server is ready for them. Please come back soon.' }
  const state = stateOf(servers, null)
  if (state === 'full') return { tone: 'bad', title: 'Sold out at the moment', text: 'All places are in use. Please come back soon; places come free every day.' }
  return state === 'failing' ? { tone: 'warn', title: 'Our servers do not answer just now', text: 'You can order: your workspace is set up as soon as they do, and nothing is charged before it runs.' } : null
}

/** The part that changes while somebody tries other hours. */
export function ownPart(plan: Plan, habit: WorkHabit, errors: Readonly<Record<string, string>> | null = null, typed?: { hours: string; days: string }): OrderPage['own'] {
  const { day, month, hours } = ownEstimate(plan.rate, habit)
  return { href: `/order/${plan.slug}/estimate`, day, month, hours: String(Math.round(hours * 100) / 100), input: typed ?? { hours: String(habit.hoursPerDay), days: String(habit.daysPerMonth) }, errors }
}

/** What the form brought with it, where it can be used. */
function habitOf(input: Readonly<Record<string, unknown>>): WorkHabit {
  const [hours, days] = [Number(input['hours'] ?? Number.NaN), Number(input['days'] ?? Number.NaN)]
  return { hoursPerDay: hours >= 0.25 && hours <= 24 ? hours : usualHabit.hoursPerDay, daysPerMonth: Number.isInteger(days) && days >= 1 && days <= 31 ? days : usualHabit.daysPerMonth }
}
