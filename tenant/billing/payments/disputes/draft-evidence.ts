/** The first draft of an answer: sentences made of facts alone. What we do not know stays empty; staff adds what only people know. Pure. */
import type { Evidence } from '../../../../shared/payments/gateway-disputes.js'
import { formatCount, formatDate, formatDuration, formatMoney } from '../../../../shared/views/format.js'
import type { EvidenceFacts, OrderFact } from './evidence-facts.js'

/** The longest log that is sent, in characters; the newest lines give way. */
const LOG = 18_000

type Tell = (at: Date) => string

export function draftEvidence(f: EvidenceFacts): Evidence {
  const tell: Tell = (at) => formatDate(at, f.timeZone, 'en-US', 'full')
  const day: Tell = (at) => formatDate(at, f.timeZone, 'en-US', 'long')
  return {
    customerName: f.customer.name, customerEmail: f.customer.email, customerAddress: f.customer.addressLines.join('\n'), purchaseIp: f.orders.find((o) => o.ip)?.ip ?? '',
    productDescription: f.invoices.flatMap((i) => i.lines).join('\n').slice(0, 3800),
    servicePeriod: f.period ? `${day(f.period.from)} to ${day(new Date(f.period.until.getTime() - 1))}` : '',
    agreement: agreement(f, tell, day), accessLog: accessLog(f, tell), refundPolicy: refundPolicy(f), cancellationPolicy: `A subscription can be canceled at any time in the customer's account, to the end of the period that is paid for. Terms: ${f.termsHref}`,
    statement: statement(f, tell, day),
  }
}

function agreement(f: EvidenceFacts, tell: Tell, day: Tell): string {
  const ordered = ({ reference, at, ip, termsVersion, termsAcceptedAt }: OrderFact): string =>
    `Order ${reference} was placed on ${tell(at)}${ip ? ` from the IP address ${ip}` : ''}.${termsAcceptedAt ? ` The customer agreed to our terms${termsVersion ? `, version ${termsVersion},` : ''} on ${tell(termsAcceptedAt)}: ${f.termsHref}` : ''}`
  const invoiced = f.invoices.map((i) => `Invoice ${i.number}${i.issuedAt ? ` of ${day(i.issuedAt)}` : ''}.`)
  return [...f.orders.map(ordered), ...invoiced, `Paid on ${tell(f.paidAt)}.`].join('\n')
}

function accessLog(f: EvidenceFacts, tell: Tell): string {
  const lines = [
    ...f.signIns.map(({ at, ip }) => ({ at, text: `${tell(at)}: signed in${ip ? ` from ${ip}` : ''}` })),
    ...f.runs.map(({ name, from, until }) => ({ at: from, text: `${tell(from)}: started ${name}, ${until ? `used for ${formatDuration((until.getTime() - from.getTime()) / 1000)}, until ${tell(until)}` : 'still in use'}` })),
  ].sort((a, b) => a.at.getTime() - b.at.getTime()).map((l) => l.text)
  const kept: string[] = []
  for (let size = 0; kept.length < lines.length && size + lines[kept.length]!.length < LOG; size += kept.at(-1)!.length + 1) kept.push(lines[kept.length]!)
  return [...kept, ...(kept.length < lines.length ? [`… and ${formatCount(lines.length - kept.length, 'more entry', 'more entries')}`] : [])].join('\n')
}

const refundPolicy = (f: EvidenceFacts): string => (f.cancelRefund === 'credit'
  ? 'Who cancels at once gets the rest of the paid period as credit for later invoices. Use that has been metered is not refunded.'
  : 'A period that has been paid for is not refunded when the subscription is canceled. Use that has been metered is not refunded.')

/** What the facts say; nothing that they do not say. */
function statement(f: EvidenceFacts, tell: Tell, day: Tell): string {
  const used = f.runs.reduce((sum, r) => sum + (r.until ? (r.until.getTime() - r.from.getTime()) / 1000 : 0), 0)
  const known = `${f.customer.name} has been a customer of ${f.shop} since ${day(f.customer.since)}${f.customer.confirmedAt ? ` and confirmed the e-mail address ${f.customer.email} on ${day(f.customer.confirmedAt)}` : ''}.`
  const earlier = f.earlierPayments ? `${formatCount(f.earlierPayments, 'earlier payment')} of this customer succeeded.` : ''
  const use = f.runs.length ? `In the time of this payment the service was used ${formatCount(f.runs.length, 'time')}, for ${formatDuration(used)} in all; each use is listed in the log.` : ''
  const access = f.signIns.length ? `The customer signed in ${formatCount(f.signIns.length, 'time')}, the last time on ${tell(f.signIns.at(-1)!.at)}.` : ''
  const paid = `The payment of ${formatMoney(f.amount.minor, f.amount.currency, 'en-US')} is for ${f.invoices.length ? `invoice ${f.invoices.map((i) => i.number).join(', ')}` : 'credit on the account'}.`
  return [paid, known, earlier, use, access].filter(Boolean).join(' ')
}
