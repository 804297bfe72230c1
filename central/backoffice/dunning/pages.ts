/** What the desk sees of dunning: who, what happened, what happens next and when. */
import { applyPaging, type Paging } from '../../../shared/database/paging.js'
import { clock } from '../../../shared/time/clock.js'
import { factsOf } from '../../../tenant/billing/dunning/advance-case.js'
import { servicesById } from '../../../tenant/billing/dunning/billed-services.js'
import { decide, earliest } from '../../../tenant/billing/dunning/decide.js'
import { DunningCase, DunningStep } from '../../../tenant/billing/dunning/dunning-case.js'
import { Invoice } from '../../../tenant/billing/invoices/invoice.js'
import { openAttempts } from '../../../tenant/billing/invoices/void-invoice.js'
import { Customer } from '../../../tenant/customers/customer.js'
import { caseRows, planned, wordOf } from './rows.js'

export const caseSorts = { sortable: { due: 'dunning_cases.due_at', next: 'dunning_cases.next_at' }, default: 'due' } as const
export interface Wish { show: 'overdue' | 'ahead' | 'paused' | 'over'; q?: string | undefined }
const chips = { overdue: 'Overdue', ahead: 'Due soon', paused: 'Paused', over: 'Over' } as const
const outcomes: Record<string, string> = { done: '', passed: 'passed over', skipped: 'skipped by staff', covered: 'not needed' }

export function casesQuery({ show, q }: Wish, now: Date) {
  const wanted = DunningCase.query()
  if (show === 'overdue') void wanted.where({ status: 'open' }).where('dueAt', '<=', now)
  if (show === 'ahead') void wanted.where({ status: 'open' }).where('dueAt', '>', now)
  if (show === 'paused') void wanted.where({ status: 'paused' })
  if (show === 'over') void wanted.whereIn('status', ['repaired', 'ended', 'exempt'])
  if (q) {
    const like = `%${q.replace(/[%_\\]/g, '\\$&')}%`
    void wanted.where((any) => void any.whereIn('dunning_cases.user_id', Customer.query().where('email', 'like', like).orWhere('name', 'like', like).select('id')).orWhereIn('dunning_cases.invoice_id', Invoice.query().where('number', 'like', like).select('id')))
  }
  return wanted
}

export async function listPage(wish: Wish, paging: Paging, base: string): Promise<object> {
  const now = clock.now()
  const paged = await applyPaging(casesQuery(wish, now), paging)
  const here = (part: Record<string, string>): string => `${base}/dunning?${new URLSearchParams({ show: wish.show, ...(wish.q ? { q: wish.q } : {}), ...part })}`
  const sort = `${paged.descending ? '-' : ''}${paged.sort}`
  return {
    csvHref: here({ sort }).replace('/dunning?', '/dunning.csv?'), rows: await caseRows(paged.rows, base), chips: Object.entries(chips).map(([show, label]) => ({ label, href: here({ show }), current: show === wish.show })), input: wish,
    heads: Object.fromEntries((['due', 'next'] as const).map((name) => [name, here({ sort: paged.sort === name && !paged.descending ? `-${name}` : name })])), summary: paged.total ? `${paged.from}–${paged.to} of ${paged.total}` : '',
    previousHref: paged.page > 1 ? here({ sort, page: String(paged.page - 1) }) : null, nextHref: paged.page < paged.pages ? here({ sort, page: String(paged.page + 1) }) : null,
  }
}

export async function detailPage(dunning: DunningCase, base: string): Promise<object> {
  const now = clock.now()
  const facts = await factsOf(dunning, now)
  const [row] = await caseRows([dunning], base)
  const steps = await DunningStep.query().where({ caseId: dunning.id }).orderBy('id')
  const names = new Map((await servicesById(steps.flatMap((s) => [...(s.detail.serviceIds ?? [])]))).map((s) => [s.id, s.name]))
  const { situation } = facts
  const decision = decide(situation)
  const refused = {
    pause: dunning.refusalToPause(), resume: dunning.refusalToResume(), exempt: dunning.refusalToExempt(), retry: dunning.refusalToRetry(facts.invoice), forgive: dunning.refusalToForgive(facts.invoice, await openAttempts(facts.invoice)),
  }
  return {
    ...row, may: Object.fromEntries(Object.entries(refused).map(([act, refusal]) => [act, refusal === null])), reason: dunning.reason, isOver: dunning.isOver, isPaused: dunning.status === 'paused', resumeLabel: dunning.status === 'exempt' ? 'Take the exemption back' : 'End the pause', closedAt: dunning.closedAt, services: facts.services.map((s) => ({ name: s.name, status: s.status, href: `${base}/services/${s.publicId}` })), paying: situation.paying,
    happened: steps.map((s) => ({ title: `${wordOf(s)}${outcomes[s.outcome] ? ` (${outcomes[s.outcome]})` : ''}`, text: [s.detail.note, s.detail.serviceIds?.map((id) => names.get(id) ?? `service ${id}`).join(', ')].filter(Boolean).join(' · '), at: s.doneAt, tone: s.outcome === 'done' && s.kind !== 'remind' && s.kind !== 'retry' ? 'bad' : 'calm' })),
    ahead: dunning.isOver ? [] : situation.plan.filter((s) => !situation.done.has(s.code)).map((s) => ({ code: s.code, word: `${planned[s.kind]}${s.serviceType ? ` (${s.serviceType.replaceAll('_', ' ')})` : ''}`, day: s.day, at: s.kind === 'remind' || s.kind === 'retry' ? s.at : earliest(s, situation) ?? s.at, soon: decision.act.includes(s), skipHref: `${base}/dunning/${dunning.publicId}/skip?step=${encodeURIComponent(s.code)}` })),
  }
}
