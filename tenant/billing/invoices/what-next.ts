/** The one sentence that says what happens next with an invoice. Pure. */
import { formatDate, formatMoney } from '../../../shared/views/format.js'
import { currentTenant } from '../../../shared/tenancy/context.js'
import type { Invoice } from './invoice.js'

export interface NextStep {
  tone: 'info' | 'good' | 'warn' | 'bad'
  title: string
  text: string
}

/** `hasMethod`: the customer has a saved payment method. Null: nothing follows, and the page shows why already. */
export function whatNext(invoice: Invoice, { checking, hasMethod }: { checking: boolean; hasMethod: boolean }, now: Date): NextStep | null {
  const { timeZone, locale } = currentTenant()
  const day = (date: Date): string => formatDate(date, timeZone, locale, 'long')
  const left = formatMoney(invoice.balance.minor, invoice.currency, locale)
  if (checking) return { tone: 'warn', title: 'We are checking your payment', text: 'The payment provider has not told us the result yet. Please do not pay again; this page shows it as soon as we know.' }
  if (invoice.status === 'void') return { tone: 'info', title: 'This invoice is void', text: 'There is nothing to pay.' }
  if (invoice.status === 'uncollectible') return { tone: 'warn', title: 'This invoice was given up', text: `We no longer ask for ${left}. You can still pay it.` }
  if (invoice.status !== 'open') return null
  if (invoice.waitsForNext) return { tone: 'info', title: `${left} goes onto your next invoice`, text: 'It is too little to be charged by card. You need not do anything.' }
  if (invoice.isOverdue(now)) return {
    tone: 'bad', title: `${left} was due on ${day(invoice.dueAt!)}`, text: 'Please pay it now, so that your services keep running.',
  }
  if (invoice.collectAt && hasMethod) {
    const when = invoice.collectAt > now ? `on ${day(invoice.collectAt)}` : 'within the hour'
    return { tone: 'info', title: `We charge ${left} ${when}`, text: 'It goes to your saved payment method: you need not do anything. You can also pay now.' }
  }
  const then = invoice.isProforma ? ' Your invoice follows with the payment.' : ''
  return {
    tone: 'info', title: `Please pay ${left} by ${day(invoice.dueAt!)}`, text: `${invoice.kind === 'order' ? 'What you ordered starts as soon as it is paid.' : 'You can pay by any method on the next page.'}${then}`,
  }
}
