/** Cases as rows of the list, of its CSV and of bulk acts: seven queries, however many. Runs inside the tenant. */
import { stringify } from 'csv-stringify/sync'
import type { Money } from '../../../shared/money/money.js'
import { plansOf } from '../../../tenant/billing/dunning/advance-case.js'
import { earliest, type Situation } from '../../../tenant/billing/dunning/decide.js'
import { DunningStep, type CaseStatus, type DunningCase } from '../../../tenant/billing/dunning/dunning-case.js'
import type { StepKind } from '../../../tenant/billing/dunning/schedule.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { Customer } from '../../../tenant/customers/customer.js'

const words: Record<StepKind, string> = { remind: 'Reminder', retry: 'Saved method tried again', warn: 'Warning', suspend: 'Services suspended', terminate: 'Services ended' }
export const planned: Record<StepKind, string> = { remind: 'Remind', retry: 'Try the saved method again', warn: 'Warn', suspend: 'Suspend services', terminate: 'End services' }

export const wordOf = (s: Pick<DunningStep, 'kind' | 'step'>): string => (s.step === 'limit' ? 'Hourly services stopped at their limit' : words[s.kind])

export interface CaseRow {
  publicId: string
  href: string
  customer: string
  email: string
  customerHref: string
  invoice: string
  invoiceHref: string
  balance: Money
  dueAt: Date
  status: CaseStatus
  last: string | null
  lastAt: Date | null
  next: string | null
  /** Of the next step at the earliest; of a paused one the end of the pause. */
  nextAt: Date | null
}

/** In the order given. */
export async function caseRows(cases: readonly DunningCase[], base: string): Promise<CaseRow[]> {
  const people = new Map((await Customer.query().whereIn('id', cases.map((c) => c.userId))).map((c) => [c.id, c]))
  const invoices = new Map((await Invoice.query().whereIn('id', cases.map((c) => c.invoiceId))).map((i) => [i.id, i]))
  const lasts = new Map((await DunningStep.query().whereIn('caseId', cases.map((c) => c.id)).whereNot({ outcome: 'passed' }).orderBy('id')).map((s) => [s.caseId, s]))
  const plans = await plansOf(cases)
  return cases.map((c) => {
    const [invoice, customer, last] = [invoices.get(c.invoiceId)!, people.get(c.userId), lasts.get(c.id)]
    const next = c.isOver ? null : nextOf(plans.get(c.id)!)
    return {
      publicId: c.publicId, href: `${base}/dunning/${c.publicId}`, customer: customer?.name ?? '', email: customer?.email ?? '', customerHref: `${base}/customers/${customer?.publicId ?? ''}`, invoice: invoice.label, invoiceHref: `${base}/invoices/${invoice.publicId}`,
      balance: invoice.balance, dueAt: c.dueAt, status: c.status, last: last ? wordOf(last) : null, lastAt: last?.doneAt ?? null, next: next?.word ?? null, nextAt: c.pausedUntil ?? next?.at ?? null,
    }
  })
}

/** The step that comes next, and when at the earliest. */
function nextOf(situation: Pick<Situation, 'plan' | 'done' | 'graceDays'>): { word: string; at: Date } | null {
  const ahead = situation.plan.filter((s) => !situation.done.has(s.code)).map((s) => ({ word: planned[s.kind], at: s.kind === 'remind' || s.kind === 'retry' ? s.at : earliest(s, situation) ?? s.at }))
  return ahead.sort((a, b) => a.at.getTime() - b.at.getTime())[0] ?? null
}

const inOneGo = 1000

/** Amounts in plain major units, instants in UTC. */
export async function casesCsv(cases: readonly DunningCase[]): Promise<string> {
  const lines: object[] = []
  for (let from = 0; from < cases.length; from += inOneGo) lines.push(...(await caseRows(cases.slice(from, from + inOneGo), '')).map(lineOf))
  return stringify(lines, { header: true, columns, record_delimiter: '\r\n', escape_formulas: true })
}

const columns = ['customer', 'email', 'invoice', 'balance', 'currency', 'due', 'state', 'last_step', 'last_at', 'next_step', 'next_at']
const lineOf = (r: CaseRow): object => ({
  customer: r.customer, email: r.email, invoice: r.invoice, balance: r.balance.toString(), currency: r.balance.currency, due: r.dueAt.toISOString(), state: r.status,
  last_step: r.last ?? '', last_at: r.lastAt?.toISOString() ?? '', next_step: r.next ?? '', next_at: r.nextAt?.toISOString() ?? '',
})
