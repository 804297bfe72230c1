/** A month of a workspace: figures, chart, runs, budget. The figures are the meter's, by the bill's own rules. */
import { formatCount, formatDate, formatDuration, formatMoney, formatPlainAmount } from '../../../shared/views/format.js'
import type { Money } from '../../../shared/money/money.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import type { Span } from '../../../shared/time/period.js'
import { billedCustomer } from '../../billing/invoices/parties.js'
import { customerMonth, type CustomerMonth } from '../../billing/usage/month-so-far.js'
import type { Service } from '../../services/service.js'
import { historyOf, type History, type HistoryFilter } from '../metering/history.js'
import { useOf } from '../metering/month-use.js'
import { usageByDay } from '../metering/usage-by-day.js'
import { budgetStatesOf } from '../budgets/budget-state.js'
import type { Workspace } from '../workspace.js'
import { budgetView, type BudgetView } from './budget-view.js'
import { frameOf, type WorkspaceFrame } from './frame.js'
import { runView, type RunView } from './run-view.js'
import { endChoices, endChosen } from './words.js'
import { monthsSince, spanOf, type UsageSpan, type UsageWish } from './usage-span.js'

export interface UsagePage extends WorkspaceFrame {
  months: Array<{ value: string; label: string }>
  month: string | null
  /** By what runs ended: to choose, and what is chosen; empty: all of them. */
  ends: typeof endChoices
  by: string
  totals: { cost: string; period: string; billed: string; runs: string; ran: string; uncharged: string }
  forecast: string | null
  forecastNote: string
  chart: object | null
  runs: RunView[]
  previousHref: string | null
  nextHref: string | null
  summary: string
  csvHref: string
  budgets: BudgetView[]
  currency: string
  can: { plan: boolean }
  input: Record<string, unknown>
  errors: Readonly<Record<string, string>> | null
}
const RUNS_A_PAGE = 25
type Typed = { input?: Readonly<Record<string, unknown>>; errors?: Readonly<Record<string, string>> }

export async function spanOfWish(service: Service, wish: UsageWish, now: Date): Promise<{ span: UsageSpan; months: ReturnType<typeof monthsSince> }> {
  const { billingAnchorDay } = await billedCustomer(service.userId)
  const months = monthsSince(service.createdAt, now, billingAnchorDay)
  return { span: spanOf(wish, months), months }
}

export async function usagePage(service: Service, workspace: Workspace, wish: UsageWish & { page: number }, now: Date, typed: Typed = {}): Promise<UsagePage> {
  const { locale } = await billedCustomer(service.userId)
  const { timeZone } = currentTenant()
  const frame = frameOf(service, workspace, 'usage')
  const { span, months } = await spanOfWish(service, wish, now)
  const endedBy = endChosen(wish.by)
  const history = await historyOf(workspace, { from: span.start, to: span.end, page: wish.page, size: RUNS_A_PAGE, endedBy }, now)
  const { runs, totals } = history
  const month = span.month && span.end > now && !endedBy ? await customerMonth(service.userId, now) : null
  const budgets = (await budgetStatesOf(workspace, now, month ?? undefined)).map(budgetView)
  const money = (m: Money): string => formatMoney(m.minor, m.currency, locale)
  const here = (path: string, more: Record<string, string> = {}): string => `${frame.href}/${path}?${new URLSearchParams({ ...asked(wish, span), ...more })}`
  const last = new Date(span.end.getTime() - 1)
  return {
    ...frame, months: months.map((m) => ({ value: m.key, label: monthLabel(m.start, timeZone, locale) })), month: span.month, ends: endChoices, by: endedBy ?? '',
    totals: {
      cost: money(totals.cost), period: `${formatDate(span.start, timeZone, locale, 'short')} – ${formatDate(last, timeZone, locale, 'date')}`, billed: formatDuration(totals.billedSeconds), runs: formatCount(totals.runs, 'run'),
      ran: formatDuration(totals.seconds), uncharged: totals.unchargedSeconds ? `${formatDuration(totals.unchargedSeconds)} not charged` : 'in all',
    },
    ...forecastOf(service, month, money), chart: await chartOf(service, workspace, { ...span, endedBy }, now, money),
    runs: runs.map((r) => runView(r, frame.href)), ...pagesOf(history, (page) => here('usage', { page: String(page) })), csvHref: here('runs.csv'),
    budgets, currency: service.currency, can: { plan: !workspace.refusalToPlan(now) }, errors: typed.errors ?? null, input: typed.input ?? { ...datesOf(wish, span), ...limitsOf(budgets) },
  }
}

const monthLabel = (at: Date, zone: string, locale: string): string => formatDate(at, zone, locale, 'month')
const given = (parts: Readonly<Record<string, string | undefined>>): Record<string, string> => Object.fromEntries(Object.entries(parts).filter((part): part is [string, string] => Boolean(part[1])))
const asked = ({ by, from, to }: UsageWish, { month }: UsageSpan): Record<string, string> => given(month ? { month, by } : { from, to, by })
const datesOf = (wish: UsageWish, span: UsageSpan) => (span.month ? {} : { from: wish.from, to: wish.to })
const amountIn = (budgets: readonly BudgetView[], all: boolean): string | undefined => {
  const limit = budgets.find((b) => b.all === all)?.limit
  return limit && formatPlainAmount(Number(limit.minor), limit.currency)
}
const limitsOf = (budgets: readonly BudgetView[]) => ({ limit: amountIn(budgets, false), limitAll: amountIn(budgets, true) })

function pagesOf({ page, pages, total, runs }: History, href: (page: number) => string): Pick<UsagePage, 'previousHref' | 'nextHref' | 'summary'> {
  const before = (page - 1) * RUNS_A_PAGE
  return { previousHref: page > 1 ? href(page - 1) : null, nextHref: page < pages ? href(page + 1) : null, summary: pages > 1 && runs.length ? `${before + 1}–${before + runs.length} of ${total}` : '' }
}

/** Only for the month that goes on. */
function forecastOf(service: Service, month: CustomerMonth | null, money: (m: Money) => string): Pick<UsagePage, 'forecast' | 'forecastNote'> {
  return month ? { forecast: money(useOf(month, service).forecast), forecastNote: 'if what runs now keeps running' } : { forecast: null, forecastNote: '' }
}

/** By day of the shop's zone; days to come are not drawn. Null where nothing was used. */
async function chartOf(service: Service, workspace: Workspace, span: Span & Pick<HistoryFilter, 'endedBy'>, now: Date, money: (m: Money) => string): Promise<object | null> {
  const { currency } = service
  const days = (await usageByDay({ workspaceId: workspace.id }, span, { currency, timeZone: currentTenant().timeZone, endedBy: span.endedBy }, now)).filter((d) => d.start <= now)
  if (!days.some((d) => d.seconds > 0)) return null
  return {
    type: 'bar', label: `Cost by day, in ${currency}`, labelHeading: 'Day', labels: days.map((d) => String(Number(d.day.slice(8)))), series: [{ name: 'Cost', values: days.map((d) => Number(d.cost.toString())) }],
    rows: days.filter((d) => d.seconds > 0).map((d) => [d.day, `${money(d.cost)} (${formatDuration(d.seconds)})`]),
  }
}
