/** The words and sums of a preview: every line with how it was counted, discount and tax, what is taken back, and what the next period costs. */
import { formatMoney, formatDuration } from '../../../shared/views/format.js'
import { cycleNames } from '../../catalog/cycle.js'
import type { NewLine } from '../invoices/draft-invoice.js'
import { periodFrom, termsAt } from './billing-plan.js'
import type { Rehearsal } from './issue-change.js'
import { namesOf } from './line-names.js'
import type { Outcome, Proposal } from './propose-change.js'
import type { Subscription } from './subscription.js'
import type { ChangePreview, PreviewLine, Terms } from './subscription-change.js'

export async function previewOf(subscription: Subscription, proposal: Proposal, { outcome, discountMinor, taxMinor }: Rehearsal): Promise<ChangePreview> {
  const terms = proposal.terms[subscription.id]!
  const anew = outcome.reissues.flatMap(({ replace }) => [...replace.values()].flat())
  const { locale } = await namesOf(subscription, subscription.planId)
  return {
    before: await described(subscription, subscription), after: await described(subscription, terms), lines: [...outcome.lines, ...anew].map((line) => previewLine(line, subscription.currency, locale)),
    discountMinor, taxMinor,
    replaces: outcome.reissues.map((r) => r.invoice.label), replacedMinor: outcome.reissues.reduce((sum, r) => sum + r.invoice.totalMinor, 0),
    nextAt: nextStart(subscription, proposal, outcome).toISOString(), nextMinor: terms.amountMinor,
  }
}

/** `VPS M, 2 ×, Yearly`. */
export async function described(subscription: Subscription, terms: Pick<Terms, 'planId' | 'quantity' | 'billingCycle' | 'items'>): Promise<string> {
  const { planName } = await namesOf(subscription, terms.planId)
  const options = terms.items.filter((item) => item.kind === 'option').map((item) => (item.quantity > 1 ? `${item.label} × ${item.quantity}` : item.label))
  return [planName, ...(terms.quantity > 1 ? [`${terms.quantity} ×`] : []), cycleNames[terms.billingCycle], ...options].join(', ')
}

function previewLine(line: NewLine, currency: string, locale: string): PreviewLine {
  const part = line.detail?.proration
  const text = part && part.seconds !== part.ofSeconds ? `${formatMoney(part.wholeMinor, currency, locale)} × ${formatDuration(part.seconds)} of ${formatDuration(part.ofSeconds)}, counted by the second` : ''
  return { label: line.description, text, amountMinor: line.amountMinor }
}

/** When the first period is billed that this preview does not hold. */
function nextStart(subscription: Subscription, { timing, effectiveAt, terms }: Proposal, outcome: Outcome): Date {
  if (timing === 'period-end') {
    if (!outcome.reissues.length) return effectiveAt
    return periodFrom(termsAt(subscription, { effectiveAt, terms: terms[subscription.id]! }, effectiveAt), effectiveAt).end
  }
  return outcome.patches.get(subscription.id)?.billedUntil ?? subscription.billedUntil ?? effectiveAt
}
