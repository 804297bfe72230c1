/** PayPal's list of movements, which lags by up to three hours. https://developer.paypal.com/docs/api/transaction-search/v1/ */
import type { TransactionInformation } from '@paypal/paypal-server-sdk'
import { clock } from '../time/clock.js'
import type { GatewayPayment } from './gateway-charges.js'
import type { GatewayTransaction } from './gateway-transactions.js'
import { orderPayment } from './paypal-answers.js'
import type { PaypalAccount } from './paypal-account.js'
import { minorOf } from './paypal-amounts.js'
import { askPaypal } from './paypal-client.js'
import { orderMarks, refundMarks } from './paypal-marks.js'

/** The longest span that one question may cover. */
const LONGEST = 31 * 86_400_000
const PAGE = 500
/** How far back a lost payment is looked for. */
const BACK = 14 * 86_400_000

export async function paypalTransactions(account: PaypalAccount, { since, until }: { since: Date; until: Date }): Promise<GatewayTransaction[]> {
  const found: GatewayTransaction[] = []
  for (let start = since.getTime(); start < until.getTime(); start += LONGEST) {
    for (const info of await infosIn(account, new Date(start), new Date(Math.min(start + LONGEST, until.getTime())))) found.push(transactionFrom(info))
  }
  return found.filter((t) => t.at >= since && t.at < until).sort((a, b) => a.at.getTime() - b.at.getTime())
}

/** Only what has moved money (`S`). */
async function infosIn(account: PaypalAccount, start: Date, end: Date): Promise<TransactionInformation[]> {
  const found: TransactionInformation[] = []
  for (let page = 1, pages = 1; page <= pages; page++) {
    const answer = await askPaypal(account, ({ transactions }) => transactions.searchTransactions({ startDate: start.toISOString(), endDate: end.toISOString(), fields: 'transaction_info', transactionStatus: 'S', pageSize: PAGE, page }))
    pages = answer.totalPages ?? 1
    found.push(...(answer.transactionDetails ?? []).flatMap((d) => (d.transactionInfo ? [d.transactionInfo] : [])))
  }
  return found
}

/** T00 payments · T11 reversals: 07 refund, 06 chargeback, 10 and 11 a hold for a dispute and its end. https://developer.paypal.com/docs/transaction-search/transaction-event-codes/ */
function kindOf(code: string, amount: number): GatewayTransaction['kind'] {
  if (code.startsWith('T00')) return amount >= 0 ? 'charge' : 'other'
  if (code === 'T1107') return 'refund'
  if (code === 'T1106' || code === 'T1110' || code === 'T1201') return amount <= 0 ? 'dispute' : 'dispute-reversal'
  if (code === 'T1111' || code === 'T1202') return 'dispute-reversal'
  return code.startsWith('T11') && amount > 0 ? 'refund-failure' : 'other'
}

function transactionFrom(info: TransactionInformation): GatewayTransaction {
  const money = info.transactionAmount ?? { currencyCode: 'USD', value: '0' }
  const amountMinor = minorOf(money)
  const kind = kindOf(info.transactionEventCode ?? '', amountMinor)
  const marks = kind === 'refund' || kind === 'refund-failure' ? refundMarks(info.customField) : orderMarks(info.customField).metadata
  return {
    id: info.transactionId ?? '', kind, amountMinor, feeMinor: info.feeAmount ? -minorOf(info.feeAmount) : 0, currency: money.currencyCode, at: new Date(info.transactionInitiationDate ?? 0), paymentId: null,
    attempt: marks['attempt'] ?? null, tenant: marks['tenant'] ?? null, sourceId: kind === 'refund' ? (info.transactionId ?? null) : null,
  }
}

/** By our attempt mark, among the transactions of the last two weeks; then the order that the capture belongs to. */
export async function findPaypalPayment(account: PaypalAccount, attempt: string): Promise<GatewayPayment | null> {
  const now = clock.real().getTime()
  const infos = await infosIn(account, new Date(now - BACK), new Date(now + 60_000))
  const captureId = infos.find((i) => i.transactionEventCode?.startsWith('T00') && orderMarks(i.customField).metadata['attempt'] === attempt)?.transactionId
  if (!captureId) return null
  const capture = await askPaypal(account, ({ payments }) => payments.getCapturedPayment({ captureId }))
  const orderId = capture.supplementaryData?.relatedIds?.orderId
  return orderId ? orderPayment(await askPaypal(account, ({ orders }) => orders.getOrder({ id: orderId }))) : null
}
