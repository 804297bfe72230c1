/** Identities of payments, refunds, credit notes and transfers: what came in, what went out, and that nothing went out twice. */
import type { Check } from './audit-check.js'

const ofPayment = `(t.business_key = concat('payment:', p.id, ':succeeded') or t.business_key like concat('payment:', p.id, ':succeeded:%'))`
/** Cash that the payment's own entries brought. */
const cash = `coalesce((select sum(e.amount_minor) from ledger_entries e join ledger_accounts a on a.id = e.account_id and a.kind = 'cash' join ledger_transactions t on t.id = e.transaction_id where e.payment_id = p.id and ${ofPayment}), 0)`
const openStates = `('pending', 'requires_action', 'processing', 'unknown')`
const refundCash = `coalesce((select sum(e.amount_minor) from ledger_entries e join ledger_accounts a on a.id = e.account_id and a.kind = 'cash' join ledger_transactions t on t.id = e.transaction_id where t.business_key = concat('refund:', r.id, ':sent')), 0)`
const noted = 'coalesce((select sum(n.total_minor) from credit_notes n where n.invoice_id = i.id), 0)'
const returned = `coalesce((select sum(n.total_minor) from credit_notes n where n.invoice_id = i.id and n.destination <> 'invoice'), 0)`

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
    sql: `select p.id, p.amount_minor, sum(r.amount_minor) as sum from payments p join refunds r on r.payment_id = p.id and r.status <> 'failed' group by p.id, p.amount_minor, p.status having sum(r.amount_minor) > p.amount_minor or p.status <> 'succeeded'`,
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
    name: 'credit-note.too-much', subject: 'invoice', message: (r) => `${String(r['noted'])} of its ${String(r['total_minor'])} were taken back, ${String(r['returned'])} of them to the customer; ${String(r['covered'])} were paid.`,
    sql: `select i.id, i.total_minor, i.paid_minor + i.credited_minor as covered, ${noted} as noted, ${returned} as returned from invoices i
      where i.status not in ('draft', 'void') and i.total_minor > 0 and (${noted} > i.total_minor or ${returned} > greatest(i.paid_minor + i.credited_minor, 0))`,
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
