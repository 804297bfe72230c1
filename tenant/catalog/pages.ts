/** What the shop front shows of plans. */
import { exponentOf } from '../../shared/money/currency.js'
import type { Money } from '../../shared/money/money.js'
import { formatMoney, formatRate } from '../../shared/views/format.js'
import type { Plan, PlanFamily } from './plan.js'

export interface PlanCard {
  name: string
  text: string
  price: string
  per: string
  note: string
  features: string[]
  href: string
  label: string
  /** A few words on a flag: whom it suits best. Empty: no flag. */
  featured?: string
}
export interface PlanGroup {
  id: PlanFamily
  title: string
  text: string
  plans: PlanCard[]
}

const families: ReadonlyArray<Pick<PlanGroup, 'id' | 'title' | 'text'>> = [
  { id: 'developer', title: 'Developer workspaces', text: 'A development machine in your browser: editors, compilers and containers are ready when you are.' },
  { id: 'business', title: 'Business workspaces', text: 'An office desktop in your browser: the same apps and files on every device, nothing to install.' },
]

/** Plans in their two groups, as cards; a group without plans is left out. */
export function planGroups(plans: readonly Plan[], locale: string): PlanGroup[] {
  return families.map((family) => ({ ...family, plans: plans.filter((p) => p.family === family.id).map((p) => cardOf(p, locale)) })).filter((g) => g.plans.length > 0)
}

function cardOf(plan: Plan, locale: string): PlanCard {
  return {
    name: plan.name, text: plan.description, price: formatRate(plan.rate, locale).replace(/\/h$/, ''), per: 'an hour', note: `About ${roundly(plan.workingMonth, locale)} a month at 40 hours a week`,
    features: [`${plan.vcpu ?? 1} vCPU`, `${ramText(plan.ramMb ?? 0)} of memory`, 'Billed by the quarter hour', 'Your files stay when it stops'], href: `/order/${plan.slug}`, label: 'Order',
    featured: plan.kasmWorkspaceType?.endsWith('_pro') ? 'For daily work' : '',
  }
}

/** Why somebody should stay on the front page: what is true of every workspace, and of the shop when it sells more. */
export const frontPoints = (sellsMore: boolean): Array<{ icon: string; title: string; text: string }> => [
  { icon: 'rocket', title: 'Ready in a minute', text: 'Choose a plan, press start, and work in your browser. There is nothing to install.' },
  { icon: 'clock-play', title: 'Pay only while it runs', text: 'Each run is billed by the quarter hour. A stopped workspace costs nothing and keeps your files.' },
  { icon: 'eye', title: 'See the cost as you work', text: 'The page of your workspace shows what this run and this month have come to.' },
  ...(sellsMore ? [{ icon: 'stack-2', title: 'All in one account', text: 'Servers and hosting too, with one sign-in and one way to pay.' }] : []),
]

/** Estimates of ten and more are shown without decimals: they are no promise. */
function roundly(amount: Money, locale: string): string {
  const unit = 10 ** exponentOf(amount.currency)
  if (amount.minor < 10 * unit) return formatMoney(amount.minor, amount.currency, locale)
  return formatMoney(Math.round(amount.minor / unit) * unit, amount.currency, locale).replace(/[.,]0+(?=\D*$)/, '')
}

const ramText = (mb: number): string => (mb % 1024 === 0 ? `${mb / 1024} GB` : `${mb} MB`)

/** The examples that explain the meter, at the price of the cheapest plan shown. */
export function meterExamples(plans: readonly Plan[], amount: (plan: Plan, seconds: number) => Money, locale: string): Array<{ used: string; billed: string; cost: string }> {
  const plan = [...plans].sort((a, b) => a.priceMicros - b.priceMicros)[0]
  if (!plan) return []
  return [[8, 15], [22, 30], [65, 75]].map(([used, billed]) => {
    const cost = amount(plan, billed! * 60)
    return { used: `${used} min`, billed: `${billed} min`, cost: formatMoney(cost.minor, cost.currency, locale) }
  })
}
