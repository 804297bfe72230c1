/** Identities of payments, refunds, credit notes and transfers: what came in, what went out, and that nothing went out twice. */
import type { Check } from './audit-check.js'

const ofPayment = `(t.business_key = concat('payment:', p.id, ':succeeded') or t.business_key like concat('payment:', p.id, ':succeeded:%'))`
/** Cash that the payment's own entries brought. */
const cash = `coalesce((select sum(e.amount_minor) from ledger_entries e join ledger_accounts a on a.id = e.account_id and a.kind = 'cash' join ledger_transactions t on t.id = e.transaction_id where e.payment_id = p.id and ${ofPayment}), 0)`
const openStates = `('pending', 'requires_action', 'processing', 'unknown')`
const refundCash = `coalesce((select sum(e.amount_minor) from ledger_entries e join ledger_accounts a on a.id = e.account_id and a.kind = 'cash' join ledger_transactions t on t.id = e.transaction_id where t.business_key = concat('refund:', r.id, ':sent')), 0)`
const noted = 'coalesce((select sum(n.total_minor) from credit_notes n where n.invoice_id = i.id), 0)'
/** Credits of changes that stand on the invoice: they helped to pay it. */
const brought = `coalesce((select -sum(c.net_minor + c.tax_minor) from invoice_lines c where c.invoice_id = i.id and c.kind = 'change-credit' and c.released_at is null and i.status = 'paid'), 0)`
const carried = `coalesce((select sum(e.amount_minor) from ledger_entries e join ledger_transactions t on t.id = e.transaction_id where e.invoice_id = i.id and e.amount_minor > 0 and t.business_key like concat('carried:%:', i.id)), 0)`
/** What was paid on it, from money, credit and notes. What it took over from others is owed on top of its own total, and is not its own. */
const covered = `(if(${carried} > 0, least(i.total_minor, i.paid_minor + i.credited_minor + ${carried}), i.paid_minor + i.credited_minor) + ${brought})`
/**
 * Credit is given only from what was paid and has not left before: by a refund without a note, or to a dispute. The order is that of the ledger, as money may well leave
 * after credit was given for it. The tax of a credited part is rounded by itself: a cent a credit is no finding.
 */
const givenTwice = `with given as (
    select n.invoice_id, n.total_minor as minor, if(n.destination = 'invoice', 0, t.id) as place, 0 as cents from credit_notes n join ledger_transactions t on t.business_key = concat('credit-note:', n.id, ':issued')
    union all select l.invoice_id, -(c.net_minor + c.tax_minor), t.id, 1 from invoice_lines c join invoices x on x.id = c.invoice_id and x.status not in ('draft', 'void')
      join invoice_lines l on l.id = cast(substring_index(c.business_key, ':', -1) as unsigned) and l.subscription_id = c.subscription_id join ledger_transactions t on t.business_key = concat('invoice:', c.invoice_id, ':finalised')
      where c.kind = 'change-credit' and c.released_at is null and c.amount_minor < 0),
  sums as (select invoice_id, sum(minor) as minor, max(place) as last, sum(cents) as cents from given group by invoice_id),
  moves as (
    select r.payment_id, t.id as place, r.amount_minor - r.from_credit_minor as minor from refunds r join ledger_transactions t on t.business_key = concat('refund:', r.id, ':sent') where r.status <> 'failed' and r.idempotency_key not like '%:credit-note:%'
    union all select e.payment_id, e.transaction_id, e.amount_minor from ledger_entries e join ledger_accounts a on a.id = e.account_id and a.kind = 'disputes'),
  gone as (select x.invoice_id, x.payment_id, x.applied_minor, sum(m.minor) as minor from payment_allocations x join sums s on s.invoice_id = x.invoice_id join moves m on m.payment_id = x.payment_id and m.place < s.last
    group by x.invoice_id, x.payment_id, x.applied_minor),
  apart as (select invoice_id, sum(least(applied_minor, greatest(minor, 0))) as minor from gone group by invoice_id),
  all_given as (select i.id, ${covered} as covered, s.minor as given, coalesce(p.minor, 0) as apart, s.cents from sums s join invoices i on i.id = s.invoice_id left join apart p on p.invoice_id = i.id
    where i.status not in ('draft', 'void'))
  select id, covered, given, apart from all_given where given + apart > greatest(covered, 0) + cents`

export const paymentChecks: readonly Check[] = [
  {
    name: 'payment.unbooked', subject: 'payment', message: (r) => `${String(r['amount_minor'])} were taken, the ledger has ${String(r['cash'])}.`,
    sql: `select p.id, p.amount_minor, ${cash} as cash from payments p where p.status = 'succeeded' and ${cash} <> p.amount_minor`,
  },
  {
    name: 'payment.not-taken', subject: 'payment', message: (r) => `The ledger booked it, but it is ${String(r['status'])}.`,
    sql: `select p.id, p.status from payments p where p.status not in ('succeeded', 'reversed') and exists (select 1 from ledger_transactions t where ${ofPayment})`,
  },
  {
    name: 'payment.reversal', subject: 'payment', message: (r) => `It is ${String(r['status'])}, which is not what the ledger says about taking it back.`,
    sql: `select p.id, p.status from payments p where (p.status = 'reversed') <> exists (select 1 from ledger_transactions t where t.business_key = concat('payment:', p.id, ':reversed'))`,
  },
  {
    name: 'invoice.payments', subject: 'invoice', message: (r) => `It says that ${String(r['paid_minor'])} were paid, its payments in the ledger add up to ${String(r['sum'])}.`,
    sql: `select i.id, i.paid_minor, coalesce(-sum(e.amount_minor), 0) as sum from invoices i left join (ledger_entries e join ledger_accounts a on a.id = e.account_id and a.kind = 'receivable' join ledger_transactions t on t.id = e.transaction_id and t.business_key like 'payment:%')
      on e.invoice_id = i.id where i.status <> 'draft' group by i.id, i.paid_minor having coalesce(-sum(e.amount_minor), 0) <> i.paid_minor`,
  },
  {
    name: 'payment.marker', subject: 'payment', message: (r) => `It is ${String(r['status'])}, and the open marker on its invoice says otherwise.`,
    sql: `select distinct p.id, p.status from payments p join payment_allocations x on x.payment_id = p.id where (p.status in ${openStates}) <> (x.is_open = 1)`,
  },
  {
    name: 'payment.parts', subject: 'payment', message: (r) => `Its parts add up to ${String(r['sum'])}, more than its ${String(r['amount_minor'])}.`,
    sql: 'select p.id, p.amount_minor, sum(x.amount_minor) as sum from payments p join payment_allocations x on x.payment_id = p.id group by p.id, p.amount_minor having sum(x.amount_minor) > p.amount_minor',
  },
  {
    name: 'refund.too-much', subject: 'payment', message: (r) => `${String(r['sum'])} of its ${String(r['amount_minor'])} were given back.`,
    // A refund of a credit note that failed is the customer's credit: given as well.
    sql: `select p.id, p.amount_minor, sum(if(r.status <> 'failed', r.amount_minor, r.amount_minor - r.from_credit_minor)) as sum from payments p
      join refunds r on r.payment_id = p.id and (r.status <> 'failed' or r.idempotency_key like '%:credit-note:%')
      group by p.id, p.amount_minor, p.status having sum > p.amount_minor or (p.status <> 'succeeded' and sum(r.status <> 'failed') > 0)`,
  },
  {
    name: 'refund.unbooked', subject: 'refund', message: (r) => `It sends ${String(r['amount_minor'])}, the ledger took ${String(r['cash'])} out of cash.`,
    sql: `select r.id, r.amount_minor, -(${refundCash}) as cash from refunds r where -(${refundCash}) <> if(r.destination = 'source', r.amount_minor, 0) or not exists (select 1 from ledger_transactions t where t.business_key = concat('refund:', r.id, ':sent'))`,
  },
  {
    name: 'refund.failed', subject: 'refund', message: (r) => `It is ${String(r['status'])}, and the ledger says otherwise.`,
    sql: `select r.id, r.status from refunds r where (r.status = 'failed') <> exists (select 1 from ledger_transactions t where t.business_key = concat('refund:', r.id, ':failed'))`,
  },
  {
    name: 'credit-note.too-much', subject: 'invoice', message: (r) => `${String(r['noted'])} of its ${String(r['total_minor'])} were taken back, and it was made smaller by ${String(r['brought'])} from changes.`,
    sql: `select i.id, i.total_minor, ${noted} as noted, ${brought} as brought from invoices i where i.status not in ('draft', 'void') and ${noted} > greatest(i.total_minor, 0) + ${brought}`,
  },
  {
    name: 'invoice.given-twice', subject: 'invoice',
    message: (r) => `${String(r['covered'])} were paid on it. Notes and changes gave back ${String(r['given'])}, although ${String(r['apart'])} had left by refunds and disputes before.`,
    sql: givenTwice,
  },
  {
    name: 'credit-note.total', subject: 'credit note', message: (r) => `Its total is ${String(r['total_minor'])}, its lines add up to ${String(r['sum'])}.`,
    sql: `select n.id, n.total_minor, coalesce(sum(l.total_minor), 0) as sum from credit_notes n left join credit_note_lines l on l.credit_note_id = n.id group by n.id, n.total_minor, n.net_minor, n.tax_minor
      having coalesce(sum(l.total_minor), 0) <> n.total_minor or coalesce(sum(l.net_minor), 0) <> n.net_minor or coalesce(sum(l.tax_minor), 0) <> n.tax_minor or n.net_minor + n.tax_minor <> n.total_minor`,
  },
  {
    name: 'credit-note.unbooked', subject: 'credit note', message: () => 'The ledger knows nothing of it, or it has no number.',
    sql: `select n.id from credit_notes n where n.number is null or not exists (select 1 from ledger_transactions t where t.business_key = concat('credit-note:', n.id, ':issued'))`,
  },
  {
    name: 'transfer.too-much', subject: 'bank transfer', message: (r) => `${String(r['sum'])} of its ${String(r['amount_minor'])} are matched.`,
    sql: `select b.id, b.amount_minor, sum(p.amount_minor) as sum from bank_transfers b join payments p on p.bank_transfer_id = b.id and p.status = 'succeeded' group by b.id, b.amount_minor having sum(p.amount_minor) > b.amount_minor`,
  },
  {
    name: 'payment.nameless', subject: 'payment', message: () => 'It was taken at a gateway, and we do not know its id there.',
    sql: `select id from payments where status = 'succeeded' and gateway_account_id is not null and payment_method_id is not null and gateway_payment_id is null`,
  },
]
