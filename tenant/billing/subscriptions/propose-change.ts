/** What a change would do, counted at one instant: the lines, and the open invoices that are made anew. Quote and charge both ask here. */
import type { ChargeLine } from '../charges/price-lines.js'
import type { NewLine } from '../invoices/draft-invoice.js'
import type { Invoice } from '../invoices/invoice.js'
import { periodFrom, termsAt } from './billing-plan.js'
import { billedAfter, isOpen } from './billed-lines.js'
import { changeBill, type ChangeBill, type Member } from './change-lines.js'
import { newSetup } from './change-rules.js'
import { namesOf, recurringLine } from './line-names.js'
import type { Replacements } from './rebill-open.js'
import type { Subscription } from './subscription.js'
import type { TermsById, Timing } from './subscription-change.js'
import { byInvoice } from './withdraw-periods.js'
import { worthAt, type Worth } from './worth.js'

export interface Proposal {
  readonly timing: Timing
  /** Every second is counted from here. */
  readonly at: Date
  readonly effectiveAt: Date
  readonly terms: TermsById
}
export interface Reissue {
  readonly invoice: Invoice
  readonly replace: Replacements
}
export interface Outcome {
  /** Of the invoice that the change makes; none at the end of a period. */
  readonly lines: readonly NewLine[]
  readonly reissues: readonly Reissue[]
  /** What becomes of each row besides its terms, by subscription id. */
  readonly patches: ReadonlyMap<number, Partial<Subscription>>
}

/** `family`: the subscriptions that have terms in the proposal. */
export async function outcomeOf(proposal: Proposal, family: readonly Subscription[]): Promise<Outcome> {
  const bills = new Map<number, ChangeBill>()
  const members = await Promise.all(family.map((subscription) => memberOf(subscription, proposal)))
  const worth = proposal.timing === 'now' ? await worthAt(members.flatMap((member) => member.billed), proposal.at) : new Map<number, Worth>()
  for (const member of members) bills.set(member.subscription.id, proposal.timing === 'now' ? changeBill({ ...member, worth }, proposal.at) : await comingBill(member, proposal.effectiveAt))
  const replacements = [...bills.values()].flatMap((bill) => bill.replacements)
  const by = new Map(replacements.map((r) => [r.old.line.id, r.by]))
  return {
    lines: [...bills.values()].flatMap((bill) => bill.lines), patches: new Map([...bills].map(([id, bill]) => [id, bill.patch])),
    reissues: byInvoice(replacements.map((r) => r.old)).map(([invoice, lines]) => ({ invoice, replace: new Map(lines.map(({ line }) => [line.id, by.get(line.id)!])) })),
  }
}

async function memberOf(subscription: Subscription, { terms, at }: Proposal): Promise<Omit<Member, 'worth'>> {
  const next = terms[subscription.id]!
  const [names, nextNames, billed] = [await namesOf(subscription, subscription.planId), await namesOf(subscription, next.planId), await billedAfter(subscription, at)]
  return { subscription, names, next, nextNames, billed, setupMinor: newSetup(subscription.items, next.items) }
}

/** Periods that begin with the change or later and are billed but not paid yet: the same days under the new terms. */
async function comingBill({ subscription, next, nextNames }: Omit<Member, 'worth'>, effectiveAt: Date): Promise<ChangeBill> {
  const coming = (await billedAfter(subscription, effectiveAt)).filter((line) => isOpen(line) && line.span.start >= effectiveAt)
  const sameCycle = next.billingCycle === subscription.billingCycle
  const replacements = coming.map((old, i) => {
    const period = periodFrom(termsAt(subscription, { effectiveAt, terms: next }, old.span.start), old.span.start)
    return { old, by: (sameCycle || i === 0) && next.amountMinor ? [recurringLine(subscription, next, nextNames, sameCycle ? old.span : period)] : [], end: period.end }
  })
  return { lines: [], replacements, patch: replacements[0] && !sameCycle ? { billedUntil: replacements[0].end } : {} }
}

export const asCharge = (line: NewLine): ChargeLine => ({
  key: line.businessKey, kind: line.kind, amountMinor: line.amountMinor, planId: line.planId ?? null, productId: line.productId ?? null, subscriptionId: line.subscriptionId ?? null,
  serviceType: line.detail?.serviceType ?? 'other', taxClass: line.taxClass ?? null, period: line.period ?? null, ...(line.detail ? { detail: line.detail } : {}),
})
